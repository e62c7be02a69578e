package bot

// Action is what the desk does with a message.
type Action string

// The actions.
const (
	ActAnswer     Action = "answer"     // quote the clause
	ActExpert     Action = "expert"     // nothing quotable settles it: hand over
	ActDecline    Action = "decline"    // not this desk's business
	ActBook       Action = "book"       // wants a visit
	ActReschedule Action = "reschedule" // wants a visit moved
	ActCancel     Action = "cancel"     // wants a visit cancelled
	ActStatus     Action = "status"     // asks how a consultation or a visit stands
	ActHuman      Action = "human"      // wants a person
	ActFeedback   Action = "feedback"   // complains or suggests
	ActGreet      Action = "greet"
	ActThanks     Action = "thanks"
	ActMenu       Action = "menu" // asks what the desk can do

	// ActClarify asks back which of several readings is meant. The router never
	// chooses it: it comes from an answer that is not sure enough.
	ActClarify Action = "clarify"
)

// Actions lists all that a message may want, in the order of the router's classes.
func Actions() []Action {
	return []Action{ActAnswer, ActExpert, ActDecline, ActBook, ActReschedule, ActCancel, ActStatus, ActHuman, ActFeedback, ActGreet, ActThanks, ActMenu}
}
