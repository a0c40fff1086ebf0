#!/bin/sh
# Install what is missing for `make run` or `make test`: Debian packages, uv, the locked Python packages.
# Usage: deploy/bootstrap.sh run|test. Done already: answers in a moment. Each failure ends in one clear line.
set -eu
cd "$(dirname "$0")/.."

purpose=${1:-run}
here=$(pwd)
case $purpose in
run) lock=requirements.txt ;;
test) lock=requirements-dev.txt ;;
*) echo "usage: deploy/bootstrap.sh run|test" >&2 && exit 2 ;;
esac

say() { printf '==> %s\n' "$1"; }
fail() { # every way out that is not success says why, once in Chinese and once in English
    printf 'gridfield: %s / %s\n' "$1" "$2" >&2
    exit 2
}

# ---- Debian packages, only those that are missing ----

# Papers are set with Pango and a font that has the rare Han characters of names.
wanted="python3 python3-venv ca-certificates libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
# Tests always make clusters of their own; the product does unless it is given a database.
if [ "$purpose" = test ] || [ -z "${GRIDFIELD_DATABASE_URL:-}" ]; then
    wanted="$wanted postgresql-15 postgresql-15-postgis-3"
fi
# The docs page is tried in a real browser, whose driver needs libatomic; the README's commands with a real curl;
# the features and exports for GIS programs with a real one of these; papers are read back and looked at by poppler.
[ "$purpose" = run ] || wanted="$wanted chromium libatomic1 curl gdal-bin poppler-utils"

missing_packages() {
    for package in $wanted; do
        state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || state=none
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    by_hand="apt-get install --no-install-recommends $missing"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        fail "没有 sudo，请以 root 执行：$by_hand" "there is no sudo, run as root: $by_hand"
    fi
    say "安装 Debian 软件包 / installing Debian packages: $missing"
    # Debian's package would start a cluster of its own on port 5432; ours is private.
    settings=/etc/postgresql-common/createcluster.conf
    if [ ! -e "$settings" ]; then
        as_root mkdir -p "${settings%/*}" &&
            echo "create_main_cluster = false" | as_root tee "$settings" >/dev/null ||
            fail "无法写入 $settings（需要 root 权限）" "cannot write $settings (root is needed)"
    fi
    apt="as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Options::=--force-confold"
    $apt update || fail "apt-get update 失败，见上文" "apt-get update failed, see above"
    # shellcheck disable=SC2086 # one word per package is meant
    $apt install -y --no-install-recommends $missing ||
        fail "软件包没有装好，见上文；也可以 root 执行：$by_hand" "packages not installed, see above; or run as root: $by_hand"
}

command -v dpkg-query >/dev/null || fail "需要 Debian 12 或兼容系统" "this needs Debian 12 or a system like it"
missing=$(missing_packages)
missing=${missing% }
[ -z "$missing" ] || install_packages

# ---- the Python packages of the lock, only when the lock, this script or the folder has changed ----

stamp_of() { # what an installed environment has to be equal to
    { echo "$here" && cat "$1" deploy/uv.txt deploy/bootstrap.sh pyproject.toml; } | sha256sum
}

fresh() { # the environment for tests holds all that running needs
    [ -x .venv/bin/gridfield ] || return 1
    [ "$(cat .venv/installed-test 2>/dev/null)" = "$(stamp_of requirements-dev.txt)" ] && return 0
    [ "$purpose" = run ] && [ "$(cat .venv/installed-run 2>/dev/null)" = "$(stamp_of requirements.txt)" ]
}

fresh && exit 0

# Two `make` at once: the second waits, then finds everything done.
[ -w . ] || fail "无法写入 $here" "cannot write to $here"
exec 9<deploy
flock 9
fresh && exit 0

# Other people's settings for pip and uv would install elsewhere; mirrors and certificates stay in force.
unset PYTHONHOME PYTHONPATH PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_REQUIRE_HASHES PIP_CONSTRAINT \
    UV_PYTHON UV_SYSTEM_PYTHON UV_TARGET UV_PREFIX UV_PROJECT_ENVIRONMENT UV_REQUIRE_HASHES UV_CONSTRAINT \
    UV_OVERRIDE UV_VENV_CLEAR VIRTUAL_ENV CONDA_PREFIX
export UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" PIP_DISABLE_PIP_VERSION_CHECK=1

free_mb=$(df -Pm . | awk 'NR == 2 { print $4 }')
[ "$free_mb" -ge 1500 ] ||
    fail "磁盘空间不足：$here 需要 1500 MB，只有 $free_mb MB" "not enough disk: $here needs 1500 MB, has $free_mb MB"

for candidate in /usr/bin/python3 "$(command -v python3.11 || true)" "$(command -v python3 || true)"; do
    python=$candidate
    "$python" -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && break
    python=
done
[ -n "$python" ] || fail "需要 Python 3.11 至 3.13" "Python 3.11 to 3.13 is needed"

pinned=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' deploy/uv.txt)
case $(.uv/bin/uv --version 2>/dev/null || true) in
"uv $pinned "*) ;;
*)
    say "安装 uv / installing uv $pinned"
    "$python" -m venv --clear .uv && .uv/bin/python -m pip install --quiet --require-hashes -r deploy/uv.txt ||
        fail "uv 没有装好，见上文" "uv was not installed, see above"
    ;;
esac

# uv reads none of pip's settings; a mirror that was set for pip is meant for us too.
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    mirror=${PIP_INDEX_URL:-$(.uv/bin/python -m pip config get global.index-url 2>/dev/null || true)}
    [ -z "$mirror" ] || export UV_DEFAULT_INDEX="$mirror"
fi

say "安装 Python 依赖 / installing Python packages: $lock"
rm -f .venv/installed-run .venv/installed-test
# Made anew when it does not run, or was copied here from elsewhere: its scripts hold absolute paths.
if ! .venv/bin/python -c "" 2>/dev/null || ! grep -qF "$here/.venv" .venv/bin/activate; then
    .uv/bin/uv venv --quiet --clear --python "$python" .venv ||
        fail "无法建立 .venv，见上文" "cannot make .venv, see above"
fi
# Where Python may not keep what it compiles, as in many containers, each start would take seconds longer.
compile=${PYTHONDONTWRITEBYTECODE:+--compile-bytecode}
# --python, always: without it uv would look for environments of other projects.
# shellcheck disable=SC2086 # no word at all is meant when it is empty
.uv/bin/uv pip sync $compile --python .venv/bin/python --require-hashes "$lock" ||
    fail "Python 依赖没有装好，见上文" "Python packages were not installed, see above"
.uv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --offline --editable . ||
    fail "gridfield 本身没有装好，见上文" "gridfield itself was not installed, see above"
stamp_of "$lock" >".venv/installed-$purpose" || fail "无法写入 $here/.venv" "cannot write to $here/.venv"
