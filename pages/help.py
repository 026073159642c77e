"""What do I do, and what do I press?"""

from data.vocabulary import ROLES
from ui import guard, guide, parts

viewer = guard.enter(*ROLES)
parts.head(viewer, "help")
guide.show(viewer)
