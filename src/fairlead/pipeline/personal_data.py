"""What does an environment hold of people, now that a release is there? A report, by a command."""

from fairlead.errors import NotFound
from fairlead.pipeline import gates, jobs
from fairlead.pipeline.jobs import Work
from fairlead.pipeline.scene import Outcome, Passed, Scene
from fairlead.release.spec.gate import Gate

# No gate of a file can have such a name.
REPORT = "privacy.report"
TIMEOUT = "2m"


def keep_report(scene: Scene) -> Outcome:
    """Take the report of a deployment one move further. How it ends holds no release up.

    Where the environment has no database there is nothing to look at, and who asks is told so.
    """
    if scene.policy.database is None:
        return Passed("there is no database to look at")
    asked = gates.about(scene, REPORT)
    try:
        words = scene.house.judges.privacy(asked)
    except NotFound as error:
        return Passed(str(error))
    gate = Gate.model_validate({"run": words, "timeout": TIMEOUT})
    return jobs.advance(scene, [Work(REPORT, gate, asked.report)], gates.environment(scene))
