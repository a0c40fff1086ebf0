"""Papers as PDF: the same from the same facts, whole in their words and fonts, and reaching for nothing outside."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from PIL import Image

from field.documents.papers import Desk, facts_digest, print_paper, print_papers
from field.documents.pictures import Shelf
from field.rules.paper_facts import PaperFacts, ReceiptFacts
from field.rules.papers import PAPERS
from tests.database import ROOT
from tests.documents import samples

PRINT = """
import hashlib, sys
from field.documents.papers import print_paper
from tests.documents import samples
for name, facts in samples.every().items():
    file = print_paper(facts, samples.DESK)
    print(name, file.papers[0].code, hashlib.sha256(file.pdf).hexdigest())
"""


def words(pdf: bytes, page: int | None = None) -> str:
    """Return the text of a PDF without its spaces, radicals that stand for letters put back."""
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    text = "".join(each.extract_text() for nth, each in enumerate(pages) if page in (None, nth))
    return re.sub(r"\s", "", text)


def printed(facts: PaperFacts) -> bytes:
    """Print at the usual desk."""
    return print_paper(facts, samples.DESK).pdf


def flat(text: str) -> str:
    """Return text as `words` does."""
    return re.sub(r"\s", "", text)


def test_two_processes_print_the_same_bytes() -> None:
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    ]
    one, other = (run.communicate()[0] for run in runs)
    assert [line.split()[0] for line in one.splitlines()] == list(samples.NAMES)
    assert one == other


@pytest.mark.parametrize("name", samples.NAMES)
def test_each_paper_is_a_whole_pdf(name: str) -> None:
    facts = samples.every()[name]
    file = print_paper(facts, samples.DESK)
    reader = pypdf.PdfReader(BytesIO(file.pdf))
    title = PAPERS[facts.name].zh
    assert reader.metadata is not None
    assert reader.metadata.title == f"{title} {facts.heading.case_no}"
    assert reader.metadata.author == facts.heading.court_name
    assert reader.metadata.creation_date == samples.AT.replace(microsecond=0)
    root = reader.root_object
    assert (root["/Lang"], root["/MarkInfo"]) == ("zh-CN", {"/Marked": True})  # type: ignore[comparison-overlap]
    assert "/StructTreeRoot" in root
    for nth, page in enumerate(reader.pages, 1):
        assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
        assert f"第{nth}页共{len(reader.pages)}页" in words(file.pdf, nth - 1)
        assert title in words(file.pdf, nth - 1)
        assert flat(_grouped(file.papers[0].code)) in words(file.pdf, nth - 1)
    assert hashlib.sha256(file.pdf).digest() == file.digest


def _grouped(code: str) -> str:
    return "-".join(code[at : at + 5] for at in range(0, 20, 5))


@pytest.mark.parametrize("name", samples.NAMES)
def test_its_fonts_are_in_it(name: str) -> None:
    found = {}
    for page in pypdf.PdfReader(BytesIO(printed(samples.every()[name]))).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            found[inner["/BaseFont"]] = inner["/FontDescriptor"].get_object()
    assert found
    for base, descriptor in found.items():
        assert re.fullmatch(r"/[A-Z]{6}\+Noto-S(erif|ans)(-Mono)?-CJK-SC(-Bold)?", base), base
        assert len(descriptor["/FontFile3"].get_object().get_data()) > 1000


def test_rare_names_are_shown_and_can_be_copied(tmp_path: Path) -> None:
    pdf = printed(samples.served())
    assert words(pdf).count(samples.RARE) == 2
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    told = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert samples.RARE in unicodedata.normalize("NFC", told)


def test_the_form_to_be_filled_in_has_every_field_and_nothing_filled() -> None:
    pdf = printed(samples.form())
    text = words(pdf)
    for field in ("案由", "案号", "送达文书名称和件数", "受送达人", "送达地址", "签名或盖章", "代收理由", "备考"):
        assert field in text, field
    for field in ("填发人", "送达人", "见证人", "年月日", "第1页共1页"):
        assert field in text, field
    assert flat("限制消费令 2 件") in text
    assert "共3种4件" in text
    assert str(samples.HEADING.case_no) in text


def test_a_receipt_signed_in_person() -> None:
    text = words(printed(samples.served(samples.photos())))
    assert "庚文静" in text
    assert f"{samples.RARE}（签名）" in text
    assert "2099年6月10日" in text
    assert "经网格员核对居民身份证（末四位123X）" in text
    assert "手机时钟有偏差，已校正" in text
    assert "协助：网格员甲国庆（禾望镇栖云社区第1网格）" in text
    # A grid worker is not the server: that box stays open for the court's own people.
    assert "送达人年月日" in text
    assert "门牌照片2099-06-1010:20:31" in text
    assert "坐标系：WGS-84" in text
    assert "距任务地点约52米" in text


def test_by_the_courts_leave_a_grid_worker_is_the_server_and_the_leave_is_named() -> None:
    facts = samples.retained()
    assert facts.service is not None
    alone = replace(facts.service, by_court=False, officer=None, server="甲国庆", authorisation_no="（2099）禾法授1号")
    text = words(printed(replace(facts, service=alone)))
    assert "甲国庆（网格员，经授权）" in text
    assert "依据本院书面授权（（2099）禾法授1号）办理" in text


def test_a_retention_is_told_in_the_remarks() -> None:
    text = words(printed(samples.retained()))
    assert (
        "2099年6月10日10时20分，在受送达人住所，同住成年家属拒绝接收，理由：称被执行人不在家，不愿代收。"
        "经说明情况，将文书留在堂屋方桌上，并以照片2张、录音录像1段记录送达过程。"
    ) in text
    assert "见证人丙秀英（晴川村村民委员会，村（居）民委员会工作人员）已签名见证。" in text
    assert "见证人丁建国（晴川村村民委员会，村（居）民委员会工作人员）在场，未签名，原因：不愿签名。" in text
    assert "戊庆丰（法官助理）" in text
    assert "（拒绝签收，见备考）" in text


def test_a_relative_who_receives_is_named_with_the_relation_and_the_scan_follows() -> None:
    pdf = printed(samples.received_by_family())
    assert "辛桂兰，系同住成年家属；母亲、已满十八周岁、与受送达人同住、非本案对方当事人" in words(pdf)
    assert "代收理由：受送达人外出务工" in words(pdf)
    assert "附：已签收的送达回证" in words(pdf, 1)


def test_the_other_papers_say_what_they_are_for() -> None:
    log = words(printed(samples.attempts()))
    assert "更正第2次" in log
    assert "尚缺：上门的天数还不够；上班时间以外再去一次" in log
    assert "有1次在不宜打扰的时段" in log
    listed = words(printed(samples.evidence()))
    for each in samples.evidence().pieces:
        assert each.sha256 in listed
        assert each.sm3 in listed
    for mark in (
        "非现场拍摄，自相册导入",
        "手机使用模拟定位",
        "手机时钟不可信",
        "尚未上传封存",
        "封存时计算",
        "交出任务后补记",
    ):
        assert mark in listed
    form = words(printed(samples.address_form()))
    for field in ("邮政编码", "送达地址", "联系电话", "电子送达", "指定代收人", "保密", "变更", "适用范围"):
        assert field in form, field
    assert "禾望镇晴川村6号" in form
    given = words(printed(samples.slip()))
    for told in ("0000-0000001", "0000-0000002", "禾望镇栖云社区第1网格", "执行通知书", "不收取任何费用"):
        assert told in given, told
    cover = words(printed(samples.bundle()))
    assert "originals/1.jpg" in cover
    assert samples.bundle().items[1].sha256 in cover


@pytest.mark.parametrize("name", ["attempts", "evidence", "bundle", "slip"])
def test_empty_papers_are_papers_too(name: str) -> None:
    facts = samples.every()[name]
    nothing = {"visits": (), "pieces": (), "items": (), "documents": ()}
    empty: Any = {name: value for name, value in nothing.items() if name in type(facts).__dataclass_fields__}
    assert "第1页共1页" in words(printed(replace(facts, **empty)))


def test_a_file_of_several_numbers_each_by_itself() -> None:
    wanted = [samples.served(samples.photos()), samples.form()]
    file = print_papers(wanted, samples.DESK)
    numbers = [re.findall(r"第\d页共\d页", words(file.pdf, page)) for page in range(3)]
    assert numbers == [["第1页共2页"], ["第2页共2页"], ["第1页共1页"]]
    assert len({each.code for each in file.papers}) == 2
    assert {each.code for each in file.papers} == {print_paper(each, samples.DESK).papers[0].code for each in wanted}


ATTACKS = (
    "<img src=http://192.0.2.1/x.png>",
    "<script>alert(1)</script>",
    "</style><style>*{background:url(http://192.0.2.1)}",
    '"><link rel=attachment href="file:///etc/passwd">',
    "{{ 7 * 7 }}{% raw %}",
    "<!--<iframe src='file:///etc/passwd'>",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_people_write_stays_text(attack: str) -> None:
    """Any reach for another machine fails here: the network of tests is off, and nothing is embedded."""
    facts = replace(samples.form(), addressee=attack, address=attack, issuer=attack)
    facts = replace(facts, heading=replace(facts.heading, cause=attack, court_name=attack))
    facts = replace(facts, documents=(replace(samples.DOCUMENTS[0], title=attack),))
    pdf = printed(facts)
    assert words(pdf).count(flat(attack)) >= 4
    reader = pypdf.PdfReader(BytesIO(pdf))
    assert reader.attachments == {}
    assert b"root:" not in b"".join(page.get_contents().get_data() for page in reader.pages)  # type: ignore[union-attr]


def test_what_turns_text_around_is_left_out() -> None:
    """The door refuses such text today; what came in by another way shall not lie on paper either."""
    facts = replace(samples.form(), addressee="甲\u202e国庆\u200f\x07")
    assert "甲国庆" in words(printed(facts))
    assert "\u202e" not in words(printed(facts))


def test_the_code_stands_for_what_the_paper_says() -> None:
    facts = samples.served(samples.photos())
    code = print_paper(facts, samples.DESK).papers[0].code
    assert re.fullmatch(r"[A-Z2-7]{20}", code)
    assert print_paper(facts, Desk(b"K" * 32, samples.DESK.base, samples.SHELF)).papers[0].code != code
    other = replace(facts, addressee="别人")
    assert print_paper(other, samples.DESK).papers[0].code != code
    # Where the map's borders run is drawn, not said.
    assert print_paper(replace(facts, sketch=None), samples.DESK).papers[0].code == code


def test_every_word_of_the_facts_is_bound() -> None:
    facts: ReceiptFacts = samples.retained()
    assert facts.service is not None
    refusal = facts.service.refusal
    assert refusal is not None
    later = replace(refusal, at=refusal.at + timedelta(microseconds=1))
    changed = replace(facts, service=replace(facts.service, refusal=later))
    assert facts_digest(changed) != facts_digest(facts)
    assert len({facts_digest(each) for each in samples.every().values()}) == len(samples.every())


def test_four_photos_are_small_upright_and_tell_nothing_of_the_camera() -> None:
    pdf = printed(samples.served(samples.photos()))
    assert len(pdf) < 3_000_000
    assert b"Camera Of Somebody" not in pdf
    shown = {image.name: image for page in pypdf.PdfReader(BytesIO(pdf)).pages for image in page.images}
    assert len(shown) == 5
    for each in shown.values():
        with Image.open(BytesIO(each.data)) as picture:
            assert max(picture.size) <= 1600
            assert not picture.getexif()


def test_more_photos_than_fit_are_counted_and_a_broken_one_is_named() -> None:
    pieces = samples.photos(5)
    broken = samples.piece(pieces[0].kind, b"\xff\xd8\xff no picture", nth=30)
    text = words(printed(samples.served((broken, *pieces))))
    assert "原件无法在纸上显示，以摘要为准" in text
    assert "另有照片2张，见证据清单" in text
    gone = replace(samples.DESK, shelf=Shelf(lambda _: None, lambda _: None))
    assert "原件无法在纸上显示" in words(print_paper(samples.served(pieces), gone).pdf)
