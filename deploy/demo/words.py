"""The texts of conversations in the demonstration data.

In the texts, `{first}` is the contact's first name, `{firm}` their company or "your
team", `{account}` the company or the contact's name, and `{product}` the product.
"""

from dataclasses import dataclass

from prospectconnect.crm.v1.activities_pb2 import (
    ACTIVITY_TYPE_CALL,
    ACTIVITY_TYPE_EMAIL,
    ACTIVITY_TYPE_MEETING,
    ActivityType,
)

EMAIL, CALL, MEETING = ACTIVITY_TYPE_EMAIL, ACTIVITY_TYPE_CALL, ACTIVITY_TYPE_MEETING


@dataclass(frozen=True, slots=True)
class Talk:
    """An e-mail, call or meeting; an e-mail may have a reply."""

    type: ActivityType.ValueType
    subject: str
    body: str
    reply: str = ""


# With possible customers. Several for one contact come in this order.
FIRST_TALKS = (
    Talk(
        EMAIL,
        "Your request for information",
        "Hello {first},\n\nthank you for your interest. Attached is the overview that"
        " you asked for. How does {firm} plan its work today?\n\nBest regards",
        "Thanks, that was quick. Spreadsheets, mostly. Can you call me next week?",
    ),
    Talk(
        EMAIL,
        "Nice to meet you",
        "Hello {first},\n\nit was a pleasure to talk at the fair. Here are the two"
        " customer stories that I mentioned. Shall we find half an hour?",
        "Hello, good to hear from you. Thursday afternoon would suit me.",
    ),
    Talk(
        EMAIL,
        "An idea for {firm}",
        "Hello {first},\n\nteams of your size save about four hours a week with us."
        " Would a short demo be of use?",
        "Not right now, we have just closed the budget. Please ask again in autumn.",
    ),
    Talk(
        EMAIL,
        "Invitation to our webinar",
        "Hello {first},\n\nnext month we show what is new. The seat is free; a"
        " recording comes by e-mail afterwards.",
    ),
    Talk(
        CALL,
        "First call",
        "{first} looks for something to replace their lists. Wants prices and an"
        " overview first, decides together with a colleague in finance.",
    ),
    Talk(CALL, "No answer", "Left a message, will try again."),
    Talk(
        CALL,
        "Follow-up on the overview",
        "Read it and likes it. Question about the interface to their accounting"
        " answered. No project this quarter.",
    ),
    Talk(
        MEETING,
        "Introduction",
        "Video call with {first} and one colleague. Showed the basics, agreed to send"
        " an offer once the number of users is known.",
    ),
)

# During a deal.
SALES_TALKS = (
    Talk(
        MEETING,
        "Demo for {account}",
        "Five people there. Reports went down well, rights and roles raised questions."
        " They want to try it with their own data.",
    ),
    Talk(
        CALL,
        "Question about the interface",
        "Their IT wants to know how records get in and out. Sent the link to the API"
        " guide, they will try it this week.",
    ),
    Talk(
        EMAIL,
        "Offer: {product}",
        "Hello {first},\n\nattached is our offer for the {product}, valid for thirty"
        " days. Tell me if anything is missing.\n\nBest regards",
        "Thank you. I have passed it on, you will hear from us by the end of the week.",
    ),
    Talk(
        EMAIL,
        "Security questionnaire",
        "Hello {first},\n\nhere is the questionnaire with our answers, and the report"
        " of the last audit. Our data protection officer is glad to help.",
        "Great, our IT is satisfied. One question left: where is the data kept?",
    ),
    Talk(
        EMAIL,
        "Dates for the pilot",
        "Hello {first},\n\nwe could start the pilot on Monday with ten users. All that"
        " we need from you is the list of names.",
        "Monday works. The list is attached.",
    ),
    Talk(
        CALL,
        "Call about the price",
        "{first} asks for ten percent off. Offered five and a longer term instead;"
        " they will talk it over.",
    ),
    Talk(
        CALL,
        "State of the decision",
        "Budget is approved, purchasing compares two more offers. Decision at the end"
        " of the month.",
    ),
    Talk(
        MEETING,
        "Negotiation",
        "Went through the contract line by line with {first} and purchasing. Open: term"
        " of notice and training days.",
    ),
    Talk(
        EMAIL,
        "Contract for signature",
        "Hello {first},\n\nthe contract for the {product} is ready. Both changes of"
        " your lawyers are in.",
        "Signature is with our managing director, please give us two days.",
    ),
)

# With customers.
CUSTOMER_TALKS = (
    Talk(
        EMAIL,
        "Welcome aboard",
        "Hello {first},\n\nthe accounts are set up. Your first training is booked, the"
        " invitation follows. Glad to have {firm} with us!",
        "All here and working. Thank you!",
    ),
    Talk(
        EMAIL,
        "Invoice",
        "Hello {first},\n\nattached is the invoice for this quarter with your order"
        " number on it.",
        "Could you put our new address on it, please? Then it is paid this week.",
    ),
    Talk(
        CALL,
        "How is it going?",
        "All in all content. Two colleagues in the warehouse still use paper; {first}"
        " asks for a short training.",
    ),
    Talk(
        CALL,
        "Support case",
        "Import stopped at one file. Found the wrong column together, solved on the"
        " phone.",
    ),
    Talk(
        MEETING,
        "Quarterly review",
        "Usage is up by a fifth. {first} thinks about more seats for the branch"
        " office; send figures by Friday.",
    ),
)

# During a renewal.
RENEWAL_TALKS = (
    Talk(
        EMAIL,
        "Your contract ends soon",
        "Hello {first},\n\nyour first year with us is nearly over. Attached is the"
        " offer for the next one, at the same price per seat.",
        "Thanks. We want to go on, but with five seats fewer.",
    ),
    Talk(
        CALL,
        "Renewal",
        "{first} is content, purchasing wants a longer term at a better price. Sent a"
        " calculation for two years.",
    ),
)

NOTES = (
    "{first} decides alone up to 10,000, above that the board has to agree.",
    "Prefers e-mail, hard to reach by phone before ten.",
    "Budget year starts in October. Be there in September with figures.",
    "Uses a competitor's product until the contract ends in spring. Not happy with"
    " the support there.",
    "Introduced by a customer of ours, knows the product from an earlier job.",
    "Very interested in the reports, less in the app. Bring the dashboard next time.",
    "{account} merges two sites this year, expect more seats after that.",
    "New in the role since last month. Wants to show a quick success.",
    "Data protection is the sticking point. Involve our officer early.",
    "Asked for a reference in the same industry, sent two.",
    "Talked at the fair: likes the product, fears the effort of moving the data.",
)
DEAL_NOTES = (
    "Main competitor is the house's own solution. Stress maintenance and updates.",
    "Champion is {first}; finance is the one to convince. ROI sheet sent.",
    "Discount up to 8 % is approved if they sign for two years.",
    "Legal wants our terms in their language. Translation ordered.",
    "Pilot went well, nine of ten users were active every day.",
    "Decision was put off by two weeks, purchasing is on holiday.",
    "They want the {product} by the start of the quarter.",
)

TASKS = (
    "Call {first} back",
    "Send the overview to {first}",
    "Find out who decides at {account}",
    "Invite {first} to the webinar",
    "Check the address of {account}",
)
DEAL_TASKS = (
    "Follow up on the offer to {account}",
    "Prepare the demo for {account}",
    "Send the contract to {first}",
    "Clear the discount for {account} with the manager",
    "Answer the security questions of {account}",
    "Ask {first} for the order number",
)
TASK_DETAILS = (
    "Best reached in the afternoon.",
    "Figures are in the last note.",
    "Keep it short, a page is enough.",
    "Copy the colleague in finance.",
)

LOST_REASONS = (
    "Price too high",
    "Chose a competitor",
    "No budget this year",
    "Project was stopped",
    "No answer any more",
    "A feature was missing",
)
