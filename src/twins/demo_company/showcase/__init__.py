"""The showcase: four firms, and a story of some weeks in which everything happens that can keep a document or a record waiting.

Each firm has a company in QuickBooks and a tenant in Basware. `seeds` is how they begin; the story is told in chapters, each the
acts of people in either system at that moment. Who connects the two decides what comes of it: nothing here knows that program.
"""

from twins.demo_company.showcase.firms import FIRMS, seeds
from twins.demo_company.showcase.hands import Hands
from twins.demo_company.showcase.story import CHAPTERS, EPILOGUE, Chapter, play

__all__ = ["CHAPTERS", "EPILOGUE", "FIRMS", "Chapter", "Hands", "play", "seeds"]
