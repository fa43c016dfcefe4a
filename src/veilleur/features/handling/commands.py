"""Everything that the handling of a dossier changes: one function = one use case, in the modules named here."""

from __future__ import annotations

from veilleur.features.handling.calling import (
    Revealed,
    check_word,
    declare_word,
    end_call,
    reveal_word,
    start_call,
    undo_call,
)
from veilleur.features.handling.clues import add_clue, remove_clue, set_verification
from veilleur.features.handling.duress import hear_duress_on_test
from veilleur.features.handling.incoming import act_on_call, start_call_back, start_incoming
from veilleur.features.handling.interventions import (
    agent_accepted,
    agent_done,
    agent_found,
    agent_late,
    agent_no_answer,
    agent_on_site,
    agent_on_the_way,
    agent_refused,
    agent_unanswered,
    agent_warned,
    ask_agent,
    hold_agent,
    recall_agent,
)
from veilleur.features.handling.service_calls import (
    end_service_call,
    review_service_call,
    start_service_call,
    undo_service_call_review,
)
from veilleur.features.handling.settling import settle_call

__all__ = [
    "Revealed",
    "act_on_call",
    "add_clue",
    "agent_accepted",
    "agent_done",
    "agent_found",
    "agent_late",
    "agent_no_answer",
    "agent_on_site",
    "agent_on_the_way",
    "agent_refused",
    "agent_unanswered",
    "agent_warned",
    "ask_agent",
    "check_word",
    "declare_word",
    "end_call",
    "end_service_call",
    "hear_duress_on_test",
    "hold_agent",
    "recall_agent",
    "remove_clue",
    "reveal_word",
    "review_service_call",
    "set_verification",
    "settle_call",
    "start_call",
    "start_call_back",
    "start_incoming",
    "start_service_call",
    "undo_call",
    "undo_service_call_review",
]
