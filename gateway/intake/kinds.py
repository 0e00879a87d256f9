"""The kinds of findings: how severe each is, what it says, and what to do about it.

A text here never repeats a value of the record: the place says where to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Severity = Literal["error", "warning", "info"]

KINDS: Mapping[str, tuple[Severity, str, str]] = {
    "not_a_resource": ("warning", "This is no resource.", "Send resources with a resourceType."),
    "not_whole": (
        "warning",
        "The record says that more belongs to it than is here.",
        "Send all pages of the answer, and look whether the server held something back.",
    ),
    "no_patient": ("error", "The record holds no patient.", "Send the Patient resource with the record."),
    "patient_replaced": (
        "error",
        "The record says that this is no longer the record of the patient.",
        "Send the record that replaced it.",
    ),
    "several_names": (
        "warning",
        "The patient has two names or addresses of one use that hold. The first was taken.",
        "Find out which is on the card.",
    ),
    "conflict_onset": (
        "warning",
        "One diagnosis has two days of onset. The first was taken.",
        "Find out which holds.",
    ),
    "conflict_patient": (
        "error",
        "The record gives the patient two birth dates, genders or names. None of them was taken.",
        "Find out which is right, and fill it in.",
    ),
    "deleted": ("info", "The record says that this was deleted. No version of it was read.", "Check what it was."),
    "versions_unmarked": (
        "warning",
        "The record holds different versions of this, and nothing says which is the latest. The last one was read.",
        "Send the latest version alone.",
    ),
    "bad_id": (
        "warning",
        "The id is none that a resource may have. It was read under its place in the body.",
        "Send an id of letters, digits, hyphens and dots.",
    ),
    "named_otherwise": (
        "error",
        "It names its patient by an identifier that the patient of this record does not have. It was not read.",
        "Send one patient's record, with the identifiers of the patient.",
    ),
    "unknown_status": (
        "warning",
        "Its status is none that is known here. It was not taken.",
        "Find out whether it holds, and fill it in.",
    ),
    "other_patient": ("error", "This is of another patient, and was not read.", "Send one patient's record."),
    "whose": ("warning", "It does not say whose it is.", "Look whether it is this patient's."),
    "broken_reference": ("info", "What this refers to is not in the record.", "Send it too, where it matters."),
    "versions": ("warning", "The record holds several versions of this; the latest was read.", "Send the latest only."),
    "conflict_versions": (
        "error",
        "The record holds different versions of this, and nothing says which is the latest. None was read.",
        "Send the latest only, or meta.lastUpdated.",
    ),
    "modifier_extension": (
        "error",
        "A modifier extension changes what this means, and is not known here. It was not read.",
        "Read it yourself, and fill in what it says.",
    ),
    "not_to_be_done": ("info", "It says what is not to be done. It was not read.", "Look why, where it matters."),
    "deceased": ("error", "The record says that the patient has died.", "Find out whether it is the right record."),
    "not_final": (
        "info",
        "Its status is that of something not finished. It was not read.",
        "Send it once it is final.",
    ),
    "unreadable": ("warning", "This cannot be read as what it should be.", "Compare it with the source system."),
    "partial_date": ("warning", "The date has no day or month, so it is no date here.", "Fill in the whole date."),
    "undated": ("warning", "It has no date.", "Find the date; payers judge by it."),
    "undated_left_out": ("warning", "It has no date, and is no fact without one.", "Find the date and fill it in."),
    "future": ("warning", "Its date lies in the future. It was not read.", "Correct the date in the source system."),
    "no_icd10": ("warning", "The diagnosis has no ICD-10-CM code, and none is guessed.", "Fill in the ICD-10-CM code."),
    "icd10_of_the_who": (
        "warning",
        "The code stands under the system of the WHO, which is not that of claims. It was taken as ICD-10-CM.",
        "Compare it with ICD-10-CM.",
    ),
    "unconfirmed": ("info", "This is not confirmed. It was not taken.", "Add it if it is to be told."),
    "not_active": ("info", "This is over. It was not taken.", "Add it if it is to be told."),
    "in_remission": (
        "warning",
        "This is in remission. It was taken.",
        "Leave it out if the request is not for it.",
    ),
    "current_and_over": (
        "warning",
        "Its status says that it is current, and its end is past. It was taken.",
        "Find out whether it is over, and correct what is wrong.",
    ),
    "no_drug_code": (
        "info",
        "The drug that is not tolerated has no RxCUI. It was not taken.",
        "Add it to the prior therapies as contraindicated, if it is to be told.",
    ),
    "order_of_diagnoses": (
        "warning",
        "Nothing in the record says which diagnosis is the principal one. They stand in the record's order.",
        "Put first what the treatment is for.",
    ),
    "more_diagnoses": (
        "info",
        "A request has 12 diagnoses. The others stand as comorbidities.",
        "Choose those to tell.",
    ),
    "unmapped": ("info", "Its code has no meaning here, and none is guessed.", "Fill in the fact, if it matters."),
    "no_result": ("warning", "There is no result.", "Look for the result."),
    "conflict_marker": (
        "error",
        "One marker has two results on one day. Both stand in the facts.",
        "Find out which holds, and drop the other.",
    ),
    "stage_of_no_tumor": (
        "info",
        "Nothing says that this condition is a tumor, so its stage is none of a tumor. It was not taken.",
        "Fill in the stage, if it is one.",
    ),
    "conflict_stage": (
        "error",
        "Two stages are given for one day. Both stand in the facts.",
        "Find out which holds, and drop the other.",
    ),
    "conflict_stage_of_condition": (
        "error",
        "The condition gives another stage than the observations do. Theirs stands in the facts.",
        "Find out which holds.",
    ),
    "conflict_histology": (
        "error",
        "Two histologies are given of one tumor. Both stand in the facts.",
        "Find out which holds, and drop the other; drop one of two that mean the same.",
    ),
    "conflict_bone_density": (
        "error",
        "One place has two T-scores on one day. Both stand in the facts.",
        "Find out which holds, and drop the other.",
    ),
    "tumor_unsaid": (
        "warning",
        "The record holds several tumors, and this does not say of which it is.",
        "Fill in the diagnosis of the fact.",
    ),
    "value_and_none": (
        "error",
        "It has a result, and says why there is none. It was not taken.",
        "Find out whether the result holds.",
    ),
    "conflict_laboratory": (
        "error",
        "Results of one test and day contradict each other, or differ and no time says which is later. All stand in "
        "the facts.",
        "Find out which holds, and drop the others.",
    ),
    "conflict_activity": (
        "error",
        "One score of disease activity has two values on one day. Both stand in the facts.",
        "Find out which holds, and drop the other.",
    ),
    "conflict_scales": (
        "error",
        "The scores of performance on the two scales of one day do not go together. Both stand in the facts.",
        "Find out which holds, and drop the other.",
    ),
    "conflict_performance": (
        "error",
        "Two performance scores are given for one day, or the score and its grade differ.",
        "Find out which holds, and drop the other.",
    ),
    "conflict_therapy": (
        "warning",
        "Two courses of one drug overlap, or end differently.",
        "Find out which dates hold, or what the outcome was.",
    ),
    "taken_and_not_tolerated": (
        "warning",
        "The drug is taken now, and the record says that the patient does not tolerate it. Both stand in the facts.",
        "Find out which holds, and drop the other.",
    ),
    "no_end": (
        "info",
        "It is over, and nothing says since when. It was taken without an end.",
        "Find the day it ended; payers count from it.",
    ),
    "active_past_its_end": (
        "warning",
        "Its status says that it goes on, and its end is past. It was taken as ended then.",
        "Find out whether it goes on, and correct what is wrong.",
    ),
    "order_expired": (
        "warning",
        "It is active, and may not be filled any more. It was taken as ended, without the day.",
        "Find out whether the drug is still taken, or since when it is not.",
    ),
    "old_order": (
        "warning",
        "The order is more than a year old and active, and nothing says how long the drug was taken. It counts as "
        "going on.",
        "Find out whether the drug is still taken, or since when it is not.",
    ),
    "order_alone": (
        "warning",
        "An order alone says so: nothing here says that the drug was fetched, given or taken. It counts as going on.",
        "Find out whether the drug is taken, and since when; leave it out if it is not.",
    ),
    "conflict_reasons": (
        "error",
        "It ended for several reasons that do not mean the same. None of them was taken.",
        "Find out which holds, and fill in the outcome.",
    ),
    "conflict_drug": (
        "error",
        "Its codes and names are of different drugs. It was not taken.",
        "Find out which drug it is, and fill it in.",
    ),
    "no_outcome": ("info", "Nothing says how it ended. It was not taken.", "Fill in the therapy and its outcome."),
    "unknown_unit": ("warning", "The unit is not one that is converted.", "Fill in the value: kg, cm or m2."),
    "conflict_unit": (
        "error",
        "The unit and its code are two. The value was not taken.",
        "Find out which holds, and fill in the value.",
    ),
    "conflict_size": (
        "error",
        "One size has two values on one day. The first was taken.",
        "Find out which holds.",
    ),
    "other_day": ("info", "It was measured on another day than what stands beside it.", "Send values of one day."),
    "older_left_out": ("info", "Older results of the same test were left out.", "Add what a payer needs."),
    "no_code_for_order": (
        "warning",
        "The order has no HCPCS, CPT or NDC code, and none is made from others.",
        "Fill in the line with its code.",
    ),
    "several_codes": (
        "error",
        "The order has two codes of one kind, and nothing says which it is billed under. It was not taken.",
        "Find out which holds, and fill in the line.",
    ),
    "several_dosages": (
        "warning",
        "The order has several dosages. The line is from the first day of all to the last.",
        "Look whether they are to be asked for as one line.",
    ),
    "end_before_start": (
        "warning",
        "It ends before it begins. The end was not taken.",
        "Correct the dates in the source system.",
    ),
    "quantity_of_no_units": (
        "warning",
        "The quantity is not said to be in billing units, and none are made of it.",
        "Fill in the quantity of the line in billing units.",
    ),
    "not_ordered_yet": (
        "warning",
        "The order is on hold, a proposal or a draft. It was taken as a line.",
        "Leave the line out if it is not to be asked for.",
    ),
    "payer_unknown": (
        "warning",
        "The insurer is not one of the payers here by its name.",
        "Fill in coverages[].payer with an id of GET /v1/payers.",
    ),
    "order_of_coverages": (
        "warning",
        "Nothing in the record says which coverage is the first. They stand in the record's order.",
        "Put first the one whose payer is to be asked.",
    ),
    "conflict_subscriber": (
        "error",
        "The relationship and the subscriber do not fit each other. Both stand in the draft as they are told.",
        "Find out whether the patient holds the coverage, and correct what is wrong.",
    ),
    "conflict_member": (
        "warning",
        "It has two numbers of a member. The subscriberId was taken.",
        "Compare them with the card.",
    ),
    "coverage_status": (
        "warning",
        "Its status is not that it is in force. It was not taken.",
        "Check the patient's insurance.",
    ),
    "several_requesters": ("warning", "The orders name different requesters.", "Fill in who asks."),
    "coverage_ended": ("info", "The coverage is not in force. It was not taken.", "Check the patient's insurance."),
    "coverage_to_come": (
        "warning",
        "The coverage has not begun. It was not taken.",
        "Check the patient's insurance on the day of service.",
    ),
    "proposal": ("info", "A claim tells of insurance. It is proposed, and not taken.", "Confirm it with the patient."),
    "no_finding": ("info", "The study has no conclusion, so it is no fact.", "Send the report's conclusion."),
    "not_in_the_draft": ("warning", "The value has not the form a request needs.", "Fill it in by hand."),
}
