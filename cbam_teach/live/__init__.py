"""Live figures: a module whose numbers a reader moves, with or without a kernel."""

from cbam_teach.live.controls import Choice, Drag, Flag, Range
from cbam_teach.live.figure import LiveFigure
from cbam_teach.live.settings import known as settings_of
from cbam_teach.live.views import View

__all__ = ["Choice", "Drag", "Flag", "LiveFigure", "Range", "View", "settings_of"]
