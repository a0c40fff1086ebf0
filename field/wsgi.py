"""What the web server's processes load: one app each, made from the environment that `gridfield serve` hands on."""

from __future__ import annotations

from field import config
from field.app import create_app

_settings = config.load()
if _settings.database_url is None:
    raise config.SettingsError("GRIDFIELD_DATABASE_URL: 请用 gridfield serve 启动 / start it with gridfield serve")
app = create_app(_settings, _settings.database_url)
