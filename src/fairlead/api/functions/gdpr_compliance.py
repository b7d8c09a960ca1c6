"""The function `gdpr-compliance`: what is proven of personal data, and what is held of a person?"""

from typing import Any, Literal

from pydantic import Field

from fairlead.api.functions.call import Action, Actions, Asked, Call, read
from fairlead.commands import subjects
from fairlead.commands.subjects import Who
from fairlead.reports import compliance


class Reported(Asked):
    """Which report is asked for."""

    report_type: Literal["deployment", "post_deployment"] = "deployment"


class Named(Asked):
    """Whose data is meant: by an address, an account or a name."""

    email: str = Field("", max_length=200)
    name: str = Field("", max_length=200)


class Erased(Named):
    """Whose data shall go, and the word that says that it is meant."""

    confirm: str = Field("", max_length=20)


def health_check(call: Call) -> dict[str, Any]:
    """Tell that the record can be read."""
    with call.doors.window.database.begin() as tx:
        tx.execute("SELECT 1")
    return {"status": "healthy", "timestamp": call.doors.window.clock()}


def compliance_report(call: Call) -> dict[str, Any]:
    """Tell what is proven of a deployment's personal data."""
    asked = read(Reported, call)
    place = call.place(asked)
    where = {"app": place[0], "environment": place[1]}
    return where | compliance.report(call.doors.window, place, asked.report_type)


def data_inventory(call: Call) -> dict[str, Any]:
    """Tell what an environment's database was last seen to hold of people."""
    place = call.place(read(Asked, call))
    where = {"app": place[0], "environment": place[1]}
    return where | compliance.inventory(call.doors.window, place)


def export_subject(call: Call) -> dict[str, Any]:
    """Tell everything that Fairlead itself holds of a person."""
    asked = read(Named, call)
    return subjects.export(call.doors.desk, call.by, Who(asked.email, asked.name))


def erase_subject(call: Call) -> dict[str, Any]:
    """Erase a person from what Fairlead itself holds, as far as may be."""
    asked = read(Erased, call)
    who = Who(asked.email, asked.name)
    return subjects.erase(call.doors.desk, call.by, who, asked.confirm)


ACTIONS: Actions = {
    "health_check": Action(health_check),
    "compliance_report": Action(compliance_report),
    "data_inventory": Action(data_inventory),
    "export_subject": Action(export_subject),
    "erase_subject": Action(erase_subject),
}
