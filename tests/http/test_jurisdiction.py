"""Who may do what to what: role × operation × relation, a table written by hand; an operation without a row fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from field.rules.people import Role
from field.rules.tasks import MoveName
from notifications.models import Device
from tests.http.asks import ASKS
from tests.http.world import Relation, World

ROLES = (Role.DISPATCHER, Role.COORDINATOR, Role.WORKER, Role.ADMINISTRATOR, Role.INSPECTOR)
# Operation, relation of the thing asked about, then the answer to: dispatcher, coordinator, worker, administrator,
# inspector.
TABLE = """
POST   /auth/logout                            own          204 204 204 204 204
POST   /auth/password                          own          204 204 204 204 204
GET    /me                                     own          200 200 200 200 200

POST   /cases                                  own          201 403 403 403 403
GET    /cases/{case_id}                        own          200 404 404 404 404
GET    /cases/{case_id}                        foreign      404 404 404 404 404
GET    /cases/{case_id}                        nobody       404 404 404 404 404

GET    /cases/{case_id}/seizures               own          200 404 404 404 404
GET    /cases/{case_id}/seizures               foreign      404 404 404 404 404
GET    /cases/{case_id}/seizures               nobody       404 404 404 404 404
POST   /cases/{case_id}/seizures               own          201 403 403 403 403
POST   /cases/{case_id}/seizures               foreign      404 403 403 403 403
POST   /cases/{case_id}/seizures               nobody       404 403 403 403 403
POST   /cases/{case_id}/seizures/{seizure_id}/renew  own      201 403 403 403 403
POST   /cases/{case_id}/seizures/{seizure_id}/renew  foreign  404 403 403 403 403
POST   /cases/{case_id}/seizures/{seizure_id}/renew  nobody   404 403 403 403 403
POST   /cases/{case_id}/seizures/{seizure_id}/lift   own      200 403 403 403 403
POST   /cases/{case_id}/seizures/{seizure_id}/lift   foreign  404 403 403 403 403
POST   /cases/{case_id}/seizures/{seizure_id}/lift   nobody   404 403 403 403 403
GET    /desk                                   own          200 403 403 403 403
GET    /terms                                  own          200 200 403 403 403
POST   /terms/{term_id}/met                    own          200 403 403 403 403
POST   /terms/{term_id}/met                    other_area   200 403 403 403 403
POST   /terms/{term_id}/met                    other_court  404 403 403 403 403
POST   /terms/{term_id}/met                    foreign      404 403 403 403 403
POST   /terms/{term_id}/met                    nobody       404 403 403 403 403
GET    /tasks/{task_id}/terms                  own          200 200 200 404 404
GET    /tasks/{task_id}/terms                  colleague    200 200 404 404 404
GET    /tasks/{task_id}/terms                  other_court  404 200 200 404 404
GET    /tasks/{task_id}/terms                  other_area   200 404 404 404 404
GET    /tasks/{task_id}/terms                  foreign      404 404 404 404 404
GET    /tasks/{task_id}/terms                  nobody       404 404 404 404 404

POST   /tasks                                  own          201 403 403 403 403
POST   /tasks                                  foreign      404 403 403 403 403
POST   /tasks                                  nobody       404 403 403 403 403
POST   /tasks#party                            own          201 403 403 403 403
POST   /tasks#party                            foreign      422 403 403 403 403
POST   /tasks#party                            nobody       422 403 403 403 403
GET    /tasks                                  own          200 200 200 200 200
GET    /tasks/{task_id}                        own          200 200 200 404 404
GET    /tasks/{task_id}                        colleague    200 200 404 404 404
GET    /tasks/{task_id}                        other_court  404 200 200 404 404
GET    /tasks/{task_id}                        other_area   200 404 404 404 404
GET    /tasks/{task_id}                        foreign      404 404 404 404 404
GET    /tasks/{task_id}                        nobody       404 404 404 404 404
GET    /tasks/{task_id}/attempts               own          200 403 200 403 403
GET    /tasks/{task_id}/attempts               colleague    200 403 404 403 403
GET    /tasks/{task_id}/attempts               other_court  404 403 200 403 403
GET    /tasks/{task_id}/attempts               other_area   200 403 404 403 403
GET    /tasks/{task_id}/attempts               foreign      404 403 404 403 403
GET    /tasks/{task_id}/attempts               nobody       404 403 404 403 403
POST   /tasks/{task_id}/attempts               own          201 403 403 403 403
POST   /tasks/{task_id}/attempts               colleague    201 403 403 403 403
POST   /tasks/{task_id}/attempts               other_court  404 403 403 403 403
POST   /tasks/{task_id}/attempts               other_area   201 403 403 403 403
POST   /tasks/{task_id}/attempts               foreign      404 403 403 403 403
POST   /tasks/{task_id}/attempts               nobody       404 403 403 403 403
POST   /tasks/{task_id}/attempts#supersedes    own          201 403 403 403 403
POST   /tasks/{task_id}/attempts#supersedes    foreign      422 403 403 403 403
POST   /tasks/{task_id}/attempts#supersedes    nobody       422 403 403 403 403
GET    /tasks/{task_id}/candidates             own          200 200 403 403 403
GET    /tasks/{task_id}/candidates             other_court  404 200 403 403 403
GET    /tasks/{task_id}/candidates             other_area   200 404 403 403 403
GET    /tasks/{task_id}/candidates             foreign      404 404 403 403 403
GET    /tasks/{task_id}/candidates             nobody       404 404 403 403 403
GET    /tasks/{task_id}/bundle                 own          200 403 403 403 403
GET    /tasks/{task_id}/bundle                 other_court  404 403 403 403 403
GET    /tasks/{task_id}/bundle                 other_area   200 403 403 403 403
GET    /tasks/{task_id}/bundle                 foreign      404 403 403 403 403
GET    /tasks/{task_id}/bundle                 nobody       404 403 403 403 403
GET    /tasks/{task_id}/timeline               own          200 200 200 404 404
GET    /tasks/{task_id}/timeline               colleague    200 200 404 404 404
GET    /tasks/{task_id}/timeline               other_court  404 200 200 404 404
GET    /tasks/{task_id}/timeline               other_area   200 404 404 404 404
GET    /tasks/{task_id}/timeline               foreign      404 404 404 404 404
GET    /tasks/{task_id}/timeline               nobody       404 404 404 404 404

POST   /tasks/{task_id}/transitions#send       own          200 403 403 403 403
POST   /tasks/{task_id}/transitions#send       other_court  404 403 403 403 403
POST   /tasks/{task_id}/transitions#send       other_area   200 403 403 403 403
POST   /tasks/{task_id}/transitions#send       foreign      404 403 403 403 403
POST   /tasks/{task_id}/transitions#send       nobody       404 403 403 403 403
POST   /tasks/{task_id}/transitions#place      own          200 200 403 403 403
POST   /tasks/{task_id}/transitions#place      other_court  404 200 403 403 403
POST   /tasks/{task_id}/transitions#place      other_area   200 404 403 403 403
POST   /tasks/{task_id}/transitions#place      foreign      404 404 403 403 403
POST   /tasks/{task_id}/transitions#place      nobody       404 404 403 403 403
POST   /tasks/{task_id}/transitions#accept     own          403 403 200 403 403
POST   /tasks/{task_id}/transitions#accept     colleague    403 403 404 403 403
POST   /tasks/{task_id}/transitions#accept     other_court  403 403 200 403 403
POST   /tasks/{task_id}/transitions#accept     other_area   403 403 404 403 403
POST   /tasks/{task_id}/transitions#accept     foreign      403 403 404 403 403
POST   /tasks/{task_id}/transitions#accept     nobody       403 403 404 403 403
POST   /tasks/{task_id}/transitions#decline    own          403 403 200 403 403
POST   /tasks/{task_id}/transitions#decline    colleague    403 403 404 403 403
POST   /tasks/{task_id}/transitions#decline    other_court  403 403 200 403 403
POST   /tasks/{task_id}/transitions#decline    foreign      403 403 404 403 403
POST   /tasks/{task_id}/transitions#decline    nobody       403 403 404 403 403
POST   /tasks/{task_id}/transitions#start      own          403 403 200 403 403
POST   /tasks/{task_id}/transitions#start      colleague    403 403 404 403 403
POST   /tasks/{task_id}/transitions#start      other_court  403 403 200 403 403
POST   /tasks/{task_id}/transitions#start      foreign      403 403 404 403 403
POST   /tasks/{task_id}/transitions#start      nobody       403 403 404 403 403
POST   /tasks/{task_id}/transitions#close      own          200 403 403 403 403
POST   /tasks/{task_id}/transitions#close      other_court  404 403 403 403 403
POST   /tasks/{task_id}/transitions#close      other_area   200 403 403 403 403
POST   /tasks/{task_id}/transitions#close      foreign      404 403 403 403 403
POST   /tasks/{task_id}/transitions#close      nobody       404 403 403 403 403
POST   /tasks/{task_id}/transitions#return     own          200 403 403 403 403
POST   /tasks/{task_id}/transitions#return     other_court  404 403 403 403 403
POST   /tasks/{task_id}/transitions#return     foreign      404 403 403 403 403
POST   /tasks/{task_id}/transitions#return     nobody       404 403 403 403 403
POST   /tasks/{task_id}/transitions#take_back  own          200 200 403 403 403
POST   /tasks/{task_id}/transitions#take_back  colleague    200 200 403 403 403
POST   /tasks/{task_id}/transitions#take_back  other_court  404 200 403 403 403
POST   /tasks/{task_id}/transitions#take_back  other_area   200 404 403 403 403
POST   /tasks/{task_id}/transitions#take_back  foreign      404 404 403 403 403
POST   /tasks/{task_id}/transitions#take_back  nobody       404 404 403 403 403
POST   /tasks/{task_id}/transitions#withdraw   own          200 403 403 403 403
POST   /tasks/{task_id}/transitions#withdraw   other_court  404 403 403 403 403
POST   /tasks/{task_id}/transitions#withdraw   foreign      404 403 403 403 403
POST   /tasks/{task_id}/transitions#withdraw   nobody       404 403 403 403 403

PUT    /tasks/{task_id}/assignment             own          200 200 403 403 403
PUT    /tasks/{task_id}/assignment             other_court  404 200 403 403 403
PUT    /tasks/{task_id}/assignment             other_area   200 404 403 403 403
PUT    /tasks/{task_id}/assignment             foreign      404 404 403 403 403
PUT    /tasks/{task_id}/assignment             nobody       404 404 403 403 403
PUT    /tasks/{task_id}/assignment#worker      own          200 200 403 403 403
PUT    /tasks/{task_id}/assignment#worker      other_area   200 422 403 403 403
PUT    /tasks/{task_id}/assignment#worker      nobody       422 422 403 403 403
PUT    /tasks/{task_id}/assignment#cell        own          200 200 403 403 403
PUT    /tasks/{task_id}/assignment#cell        other_area   200 422 403 403 403
PUT    /tasks/{task_id}/assignment#cell        foreign      422 422 403 403 403
PUT    /tasks/{task_id}/assignment#cell        nobody       422 422 403 403 403
POST   /tasks/{task_id}/claim                  own          403 403 200 403 403
POST   /tasks/{task_id}/claim                  other_court  403 403 200 403 403
POST   /tasks/{task_id}/claim                  other_area   403 403 404 403 403
POST   /tasks/{task_id}/claim                  foreign      403 403 404 403 403
POST   /tasks/{task_id}/claim                  nobody       403 403 404 403 403
GET    /tasks/available                        own          403 403 200 403 403

GET    /tasks/{task_id}/documents/{name}.pdf       own          200 403 403 403 403
GET    /tasks/{task_id}/documents/{name}.pdf       other_court  404 403 403 403 403
GET    /tasks/{task_id}/documents/{name}.pdf       other_area   200 403 403 403 403
GET    /tasks/{task_id}/documents/{name}.pdf       foreign      404 403 403 403 403
GET    /tasks/{task_id}/documents/{name}.pdf       nobody       404 403 403 403 403
GET    /tasks/{task_id}/documents/{name}.pdf#slip  own          200 403 200 403 403
GET    /tasks/{task_id}/documents/{name}.pdf#slip  colleague    200 403 404 403 403
GET    /tasks/{task_id}/documents/{name}.pdf#slip  other_court  404 403 200 403 403
GET    /tasks/{task_id}/documents/{name}.pdf#slip  other_area   200 403 404 403 403
GET    /tasks/{task_id}/documents/{name}.pdf#slip  foreign      404 403 404 403 403
GET    /tasks/{task_id}/documents/{name}.pdf#slip  nobody       404 403 404 403 403
GET    /documents/receipts.pdf                     own          200 403 403 403 403
GET    /documents/receipts.pdf                     other_court  404 403 403 403 403
GET    /documents/receipts.pdf                     foreign      404 403 403 403 403
GET    /documents/receipts.pdf                     nobody       404 403 403 403 403

GET    /addresses                              own          200 200 403 403 403
GET    /kinds                                  own          200 200 200 200 200
GET    /worklist                               own          403 403 200 403 403
POST   /reports                                own          403 403 200 403 403
POST   /reports                                foreign      403 403 200 403 403
POST   /reports                                nobody       403 403 200 403 403
PUT    /devices/{installation_id}              own          403 403 204 403 403
PUT    /devices/{installation_id}              foreign      403 403 204 403 403
PUT    /devices/{installation_id}              nobody       403 403 204 403 403
DELETE /devices/{installation_id}              own          403 403 204 403 403
DELETE /devices/{installation_id}              foreign      403 403 204 403 403
DELETE /devices/{installation_id}              nobody       403 403 204 403 403

GET    /follow-ups                             own          200 403 403 403 403
POST   /follow-ups/{follow_up_id}/decision     own          200 403 403 403 403
POST   /follow-ups/{follow_up_id}/decision     other_court  404 403 403 403 403
POST   /follow-ups/{follow_up_id}/decision     other_area   200 403 403 403 403
POST   /follow-ups/{follow_up_id}/decision     foreign      404 403 403 403 403
POST   /follow-ups/{follow_up_id}/decision     nobody       404 403 403 403 403
POST   /referrals#incident                     own          201 201 201 403 403
POST   /referrals#incident                     colleague    201 201 404 403 403
POST   /referrals#incident                     other_court  404 201 201 403 403
POST   /referrals#incident                     other_area   201 404 404 403 403
POST   /referrals#incident                     foreign      404 404 404 403 403
POST   /referrals#incident                     nobody       404 404 404 403 403
POST   /referrals#interference                 own          201 201 201 403 403
POST   /referrals#interference                 foreign      404 404 404 403 403
POST   /referrals#interference                 nobody       404 404 404 403 403
POST   /referrals#assistance                   own          201 201 403 403 403
POST   /referrals#assistance                   foreign      404 404 403 403 403
POST   /referrals#assistance                   nobody       404 404 403 403 403
POST   /referrals#aid                          own          201 403 403 403 403
POST   /referrals#aid                          foreign      404 403 403 403 403
POST   /referrals#aid                          nobody       404 403 403 403 403
POST   /referrals#case                         own          201 403 403 403 403
POST   /referrals#case                         foreign      404 403 403 403 403
POST   /referrals#case                         nobody       404 403 403 403 403
GET    /referrals                              own          200 200 200 403 200
GET    /referrals/{referral_id}#aid            own          200 404 404 403 404
GET    /referrals/{referral_id}#aid            other_court  404 404 404 403 404
GET    /referrals/{referral_id}#aid            other_area   200 404 404 403 404
GET    /referrals/{referral_id}#aid            foreign      404 404 404 403 404
GET    /referrals/{referral_id}#aid            nobody       404 404 404 403 404
GET    /referrals/{referral_id}#assistance     own          200 200 404 403 404
GET    /referrals/{referral_id}#assistance     other_court  404 200 404 403 404
GET    /referrals/{referral_id}#assistance     other_area   200 404 404 403 404
GET    /referrals/{referral_id}#assistance     foreign      404 404 404 403 404
GET    /referrals/{referral_id}#assistance     nobody       404 404 404 403 404
GET    /referrals/{referral_id}#refusal        own          200 404 404 403 404
GET    /referrals/{referral_id}#refusal        foreign      404 404 404 403 404
GET    /referrals/{referral_id}#refusal        nobody       404 404 404 403 404
GET    /referrals/{referral_id}#interference   own          404 404 200 403 200
GET    /referrals/{referral_id}#interference   foreign      404 404 404 403 404
GET    /referrals/{referral_id}#interference   nobody       404 404 404 403 404
GET    /referrals/{referral_id}#complaint      own          404 404 404 403 200
GET    /referrals/{referral_id}#complaint      other_court  404 404 404 403 404
GET    /referrals/{referral_id}#complaint      other_area   404 404 404 403 200
GET    /referrals/{referral_id}#complaint      foreign      404 404 404 403 404
GET    /referrals/{referral_id}#complaint      nobody       404 404 404 403 404
POST   /referrals/{referral_id}/decision#aid            own      200 404 403 403 404
POST   /referrals/{referral_id}/decision#aid            foreign  404 404 403 403 404
POST   /referrals/{referral_id}/decision#aid            nobody   404 404 403 403 404
POST   /referrals/{referral_id}/decision#assistance     own      200 200 403 403 404
POST   /referrals/{referral_id}/decision#assistance     foreign  404 404 403 403 404
POST   /referrals/{referral_id}/decision#assistance     nobody   404 404 403 403 404
POST   /referrals/{referral_id}/decision#interference   own      404 404 403 403 200
POST   /referrals/{referral_id}/decision#interference   foreign  404 404 403 403 404
POST   /referrals/{referral_id}/decision#interference   nobody   404 404 403 403 404
POST   /referrals/{referral_id}/decision#complaint      own      404 404 403 403 200
POST   /referrals/{referral_id}/decision#complaint      foreign  404 404 403 403 404
POST   /referrals/{referral_id}/decision#complaint      nobody   404 404 403 403 404
GET    /tasks/{task_id}/observations           own          200 403 403 403 403
GET    /tasks/{task_id}/observations           other_court  404 403 403 403 403
GET    /tasks/{task_id}/observations           other_area   200 403 403 403 403
GET    /tasks/{task_id}/observations           foreign      404 403 403 403 403
GET    /tasks/{task_id}/observations           nobody       404 403 403 403 403
POST   /observations/{observation_id}/promotion own         200 403 403 403 403
POST   /observations/{observation_id}/promotion other_court 404 403 403 403 403
POST   /observations/{observation_id}/promotion foreign     404 403 403 403 403
POST   /observations/{observation_id}/promotion nobody      404 403 403 403 403
GET    /tasks/{task_id}/leads                  own          200 403 403 403 403
GET    /tasks/{task_id}/leads                  other_court  404 403 403 403 403
GET    /tasks/{task_id}/leads                  foreign      404 403 403 403 403
GET    /tasks/{task_id}/leads                  nobody       404 403 403 403 403
PUT    /tasks/{task_id}/leads/{attempt_id}/legality own     200 403 403 403 403
PUT    /tasks/{task_id}/leads/{attempt_id}/legality foreign 404 403 403 403 403
PUT    /tasks/{task_id}/leads/{attempt_id}/legality nobody  404 403 403 403 403

GET    /ledger                                 own          200 403 403 200 403
GET    /ledger                                 foreign      404 403 403 200 403
GET    /ledger                                 nobody       404 403 403 200 403
GET    /ledger/heads                           own          200 403 403 200 403

GET    /cells                                  own          200 200 200 200 200
GET    /cells/{code}                           own          200 200 200 200 404
GET    /cells/{code}                           other_area   200 404 404 200 404
GET    /cells/{code}                           foreign      404 404 404 200 404
GET    /cells/{code}                           nobody       404 404 404 404 404
GET    /cells/locate                           own          200 200 200 200 404
GET    /cells/locate                           other_area   200 404 404 200 404
GET    /cells/locate                           foreign      404 404 404 200 404
GET    /cells/locate                           nobody       200 200 200 200 200
GET    /cells/export                           own          200 200 200 200 404
GET    /cells/export                           other_area   200 404 404 200 404
GET    /cells/export                           foreign      404 404 404 200 404
GET    /cells/export                           nobody       404 404 404 404 404
POST   /evidence                               own          201 403 201 403 403
POST   /evidence                               colleague    201 403 404 403 403
POST   /evidence                               other_court  404 403 201 403 403
POST   /evidence                               other_area   201 403 404 403 403
POST   /evidence                               foreign      404 403 404 403 403
POST   /evidence                               nobody       404 403 404 403 403
GET    /evidence/{evidence_id}                 own          200 403 200 403 403
GET    /evidence/{evidence_id}                 colleague    200 403 404 403 403
GET    /evidence/{evidence_id}                 other_court  404 403 200 403 403
GET    /evidence/{evidence_id}                 other_area   200 403 404 403 403
GET    /evidence/{evidence_id}                 foreign      404 403 404 403 403
GET    /evidence/{evidence_id}                 nobody       404 403 404 403 403
GET    /evidence/{evidence_id}/content         own          200 403 200 403 403
GET    /evidence/{evidence_id}/content         colleague    200 403 404 403 403
GET    /evidence/{evidence_id}/content         other_court  404 403 200 403 403
GET    /evidence/{evidence_id}/content         other_area   200 403 404 403 403
GET    /evidence/{evidence_id}/content         foreign      404 403 404 403 403
GET    /evidence/{evidence_id}/content         nobody       404 403 404 403 403
GET    /evidence/{evidence_id}/thumbnail       own          200 403 200 403 403
GET    /evidence/{evidence_id}/thumbnail       colleague    200 403 404 403 403
GET    /evidence/{evidence_id}/thumbnail       other_court  404 403 200 403 403
GET    /evidence/{evidence_id}/thumbnail       other_area   200 403 404 403 403
GET    /evidence/{evidence_id}/thumbnail       foreign      404 403 404 403 403
GET    /evidence/{evidence_id}/thumbnail       nobody       404 403 404 403 403
GET    /evidence/{evidence_id}/copy            own          200 403 200 403 403
GET    /evidence/{evidence_id}/copy            colleague    200 403 404 403 403
GET    /evidence/{evidence_id}/copy            other_court  404 403 200 403 403
GET    /evidence/{evidence_id}/copy            other_area   200 403 404 403 403
GET    /evidence/{evidence_id}/copy            foreign      404 403 404 403 403
GET    /evidence/{evidence_id}/copy            nobody       404 403 404 403 403
GET    /reviews                                own          200 403 403 403 403
POST   /reviews/{review_id}/look               own          200 403 403 403 403
POST   /reviews/{review_id}/look               colleague    200 403 403 403 403
POST   /reviews/{review_id}/look               other_court  404 403 403 403 403
POST   /reviews/{review_id}/look               other_area   200 403 403 403 403
POST   /reviews/{review_id}/look               foreign      404 403 403 403 403
POST   /reviews/{review_id}/look               nobody       404 403 403 403 403
GET    /tasks/{task_id}/evidence               own          200 403 200 403 403
GET    /tasks/{task_id}/evidence               colleague    200 403 404 403 403
GET    /tasks/{task_id}/evidence               other_court  404 403 200 403 403
GET    /tasks/{task_id}/evidence               other_area   200 403 404 403 403
GET    /tasks/{task_id}/evidence               foreign      404 403 404 403 403
GET    /tasks/{task_id}/evidence               nobody       404 403 404 403 403
POST   /evidence/{evidence_id}/seal            own          404 403 200 403 403
POST   /evidence/{evidence_id}/seal            colleague    404 403 404 403 403
POST   /evidence/{evidence_id}/seal            other_court  404 403 200 403 403
POST   /evidence/{evidence_id}/seal            other_area   404 403 404 403 403
POST   /evidence/{evidence_id}/seal            foreign      404 403 404 403 403
POST   /evidence/{evidence_id}/seal            nobody       404 403 404 403 403
PATCH  /evidence/{evidence_id}/upload          own          404 403 204 403 403
PATCH  /evidence/{evidence_id}/upload          colleague    404 403 404 403 403
PATCH  /evidence/{evidence_id}/upload          other_court  404 403 204 403 403
PATCH  /evidence/{evidence_id}/upload          other_area   404 403 404 403 403
PATCH  /evidence/{evidence_id}/upload          foreign      404 403 404 403 403
PATCH  /evidence/{evidence_id}/upload          nobody       404 403 404 403 403
DELETE /evidence/{evidence_id}/upload          own          404 403 204 403 403
DELETE /evidence/{evidence_id}/upload          colleague    404 403 404 403 403
DELETE /evidence/{evidence_id}/upload          other_court  404 403 204 403 403
DELETE /evidence/{evidence_id}/upload          other_area   404 403 404 403 403
DELETE /evidence/{evidence_id}/upload          foreign      404 403 404 403 403
DELETE /evidence/{evidence_id}/upload          nobody       404 403 404 403 403

POST   /cells/imports                          own          403 403 403 202 403
GET    /cells/imports/{upload_id}              own          403 403 403 200 403
GET    /cells/imports/{upload_id}              foreign      403 403 403 200 403
GET    /cells/imports/{upload_id}              nobody       403 403 403 404 403
GET    /cells/imports/{upload_id}/report.gpkg  own          403 403 403 200 403
GET    /cells/imports/{upload_id}/report.gpkg  foreign      403 403 403 200 403
GET    /cells/imports/{upload_id}/report.gpkg  nobody       403 403 403 404 403
GET    /revisions                              own          200 200 403 200 403
GET    /revisions/{revision_id}                own          200 200 403 200 403
GET    /revisions/{revision_id}                other_area   200 404 403 200 403
GET    /revisions/{revision_id}                foreign      404 404 403 200 403
GET    /revisions/{revision_id}                nobody       404 404 403 404 403
POST   /revisions/{revision_id}/undo           own          403 403 403 200 403
POST   /revisions/{revision_id}/undo           foreign      403 403 403 200 403
POST   /revisions/{revision_id}/undo           nobody       403 403 403 404 403

GET    /coverage                               own          200 200 403 200 403
GET    /coverage                               other_area   200 404 403 200 403
GET    /coverage                               foreign      404 404 403 200 403
GET    /coverage                               nobody       404 404 403 404 403
GET    /coverage/cells                         own          200 200 403 200 403
GET    /coverage/cells                         other_area   200 404 403 200 403
GET    /coverage/cells                         foreign      404 404 403 200 403
GET    /coverage/cells                         nobody       404 404 403 404 403
GET    /coverage/gaps                          own          200 200 403 200 403
GET    /coverage/gaps                          other_area   200 404 403 200 403
GET    /coverage/gaps                          foreign      404 404 403 200 403
GET    /coverage/gaps                          nobody       404 404 403 404 403
GET    /coverage/history               own          200 200 403 200 403
GET    /coverage/history               other_area   200 404 403 200 403
GET    /coverage/history               foreign      404 404 403 200 403
GET    /coverage/history               nobody       404 404 403 404 403
GET    /coverage/export                own          200 200 403 200 403
GET    /coverage/export                other_area   200 404 403 200 403
GET    /coverage/export                foreign      404 404 403 200 403
GET    /coverage/export                nobody       404 404 403 404 403

GET    /oversight/{name}                       own          200 403 403 200 403
GET    /oversight/{name}                       foreign      404 403 403 200 403
GET    /oversight/{name}                       nobody       404 404 403 404 403
GET    /oversight/{name}#governance            own          200 200 403 200 403
GET    /oversight/{name}#governance            other_area   200 404 403 200 403
GET    /oversight/{name}#governance            foreign      404 404 403 200 403
GET    /oversight/{name}#governance            nobody       404 404 403 404 403

GET    /tiles/{layer}/{z}/{x}/{y}.mvt          own          200 200 200 200 204
GET    /tiles/{layer}/{z}/{x}/{y}.mvt          other_area   200 204 204 200 204
GET    /tiles/{layer}/{z}/{x}/{y}.mvt          foreign      204 204 204 200 204
GET    /tiles/{layer}/{z}/{x}/{y}.mvt          nobody       204 204 204 204 204
GET    /tiles/{layer}/{z}/{x}/{y}.mvt#coverage own          200 200 403 200 403
GET    /tiles/{layer}/{z}/{x}/{y}.mvt#coverage other_area   200 204 403 200 403
GET    /tiles/{layer}/{z}/{x}/{y}.mvt#coverage foreign      204 204 403 200 403
GET    /tiles/{layer}/{z}/{x}/{y}.mvt#coverage nobody       204 204 403 204 403

GET    /courts/{code}                          own          403 403 403 200 403
GET    /courts/{code}                          foreign      403 403 403 200 403
GET    /courts/{code}                          nobody       403 403 403 404 403
PUT    /courts/{code}                          own          403 403 403 200 403
PUT    /courts/{code}                          foreign      403 403 403 200 403
PUT    /courts/{code}                          nobody       403 403 403 404 403
PUT    /courts/{code}/settings                 own          403 403 403 200 403
PUT    /courts/{code}/settings                 foreign      403 403 403 200 403
PUT    /courts/{code}/settings                 nobody       403 403 403 404 403
GET    /people/{login}                         own          403 403 403 200 403
GET    /people/{login}                         foreign      403 403 403 200 403
GET    /people/{login}                         nobody       403 403 403 404 403
PATCH  /people/{login}                         own          403 403 403 200 403
PATCH  /people/{login}                         foreign      403 403 403 200 403
PATCH  /people/{login}                         nobody       403 403 403 404 403
"""
OPEN_TO_ALL = {"POST /auth/token", "POST /auth/refresh", "GET /papers/{code}"}
"""Who has not signed in yet may sign in, or check a paper they hold, and nothing else."""
MINTED_BY_THE_PHONE = {"PUT /devices/{installation_id}", "DELETE /devices/{installation_id}"}


def _rows() -> Iterator[tuple[str, Relation, list[int]]]:
    for line in filter(None, TABLE.splitlines()):
        method, path, relation, *statuses = line.split()
        assert len(statuses) == len(ROLES), line
        yield f"{method} {path}", Relation(relation), [int(status) for status in statuses]


ROWS = list(_rows())
BY_OPERATION: dict[str, set[Relation]] = {}
for _name, _relation, _ in ROWS:
    BY_OPERATION.setdefault(_name, set()).add(_relation)


def _operations(app: Flask) -> set[str]:
    spec = app.test_client().get("/api/v1/openapi.json").get_json()
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, item in spec["paths"].items()
        for method in item
        if method != "parameters"
    }


def test_every_operation_has_its_rows(app: Flask) -> None:
    assert {name.partition("#")[0] for name in BY_OPERATION} | OPEN_TO_ALL == _operations(app)
    moves = {name.partition("#")[2] for name in BY_OPERATION if "transitions#" in name}
    assert moves == {move.value for move in MoveName}
    assert set(BY_OPERATION) | OPEN_TO_ALL == set(ASKS)
    assert len(ROWS) == len({(name, relation) for name, relation, _ in ROWS})


def test_whatever_has_an_id_is_tried_with_ones_own_with_anothers_and_with_nobodys() -> None:
    for name, relations in BY_OPERATION.items():
        if "{" in name and "#worker" not in name:
            assert {Relation.OWN, Relation.FOREIGN, Relation.NOBODY} <= relations, name


@pytest.mark.parametrize(
    ("name", "relation", "expected"), ROWS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_table_holds(world: World, name: str, relation: Relation, expected: list[int]) -> None:
    answers = {role: ASKS[name](world, relation).send(world, world.home[role]) for role in ROLES}
    assert {role.value: answer.status_code for role, answer in answers.items()} == dict(
        zip((role.value for role in ROLES), expected, strict=True)
    ), [answer.text for answer in answers.values()]
    for answer in answers.values():
        if answer.status_code == 403:
            assert answer.get_json()["code"] == "role_may_not"


@pytest.mark.parametrize("name", BY_OPERATION)
def test_nobody_gets_in_without_a_token(world: World, name: str) -> None:
    answer = ASKS[name](world, Relation.OWN).send(world, None)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "token_missing")


def _shown(answer: TestResponse) -> tuple[int, dict[str, str], Any]:
    """Return all there is to see of an answer but the number of the request."""
    headers = {name: value for name, value in answer.headers.items() if name != "X-Request-Id"}
    body = answer.get_json()
    assert len(body.pop("request_id")) == 32
    return answer.status_code, headers, body


REFUSED = [
    (name, role)
    for name, relations in BY_OPERATION.items()
    for index, role in enumerate(ROLES)
    if {Relation.FOREIGN, Relation.NOBODY} <= relations
    and all(
        statuses[index] in (404, 422)
        for each, relation, statuses in ROWS
        if each == name and relation in (Relation.FOREIGN, Relation.NOBODY)
    )
]


@pytest.mark.parametrize(("name", "role"), REFUSED)
def test_what_is_not_yours_looks_like_what_is_not_there(world: World, name: str, role: Role) -> None:
    foreign, missing = (
        ASKS[name](world, relation).send(world, world.home[role]) for relation in (Relation.FOREIGN, Relation.NOBODY)
    )
    assert _shown(foreign) == _shown(missing)
    assert foreign.headers["Content-Length"] == missing.headers["Content-Length"]


def test_enough_was_compared() -> None:
    """One for each operation that takes a foreign id, at the least; else the comparison above compares nothing."""
    assert len({name for name, _ in REFUSED}) >= 20


def test_a_foreign_item_of_a_batch_looks_like_one_that_is_not_there(world: World) -> None:
    for relation in (Relation.FOREIGN, Relation.NOBODY, Relation.COLLEAGUE):
        answer = ASKS["POST /reports"](world, relation).send(world, world.worker)
        [item] = answer.get_json()["items"]
        item.pop("client_id")
        assert item.pop("detail").endswith("/ not there, or not yours")
        assert item == {"status": "rejected", "code": "not_found"}


def test_a_foreign_device_stays_where_it_is(world: World) -> None:
    ask = ASKS["DELETE /devices/{installation_id}"](world, Relation.FOREIGN)
    assert ask.send(world, world.worker).status_code == 204
    assert world.session.scalar(select(func.count()).select_from(Device)) == 1
    assert ask.send(world, world.next_worker).status_code == 204
    assert not world.session.scalar(select(func.count()).select_from(Device))
