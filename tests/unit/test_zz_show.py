from hypothesis import given, strategies as st, settings
from gateway.model.request import PARequest
from gateway.model.outcome import *
from tests.strategies import requests
@given(requests().map(PARequest.model_validate))
@settings(max_examples=5)
def test_x(r): assert r.note == "zz"
def test_y(): assert Outcome(answer="received")==Outcome(answer="reviewed")
