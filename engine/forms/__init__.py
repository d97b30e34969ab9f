"""Forms: the form-js schemas that the browser draws, enforced on the server. The only place that judges what a form hands in.

accept    what of a submission counts, and what is wrong with it
prefill   what the page starts with
check     what is wrong with a form file
describe  the data, line by line, for people
"""

from engine.forms.problems import check
from engine.forms.submission import accept, prefill
from engine.forms.summary import describe

__all__ = ["accept", "check", "describe", "prefill"]
