package desk

import (
	"slices"

	"greendesk/internal/apperr"
)

// State is where a consultation stands.
type State string

// The states of a consultation.
const (
	StateNew       State = "new"       // nobody has it yet
	StateAssigned  State = "assigned"  // an expert has been chosen and has not begun
	StateAnswering State = "answering" // the expert has accepted it
	StateWaiting   State = "waiting"   // the enterprise has been asked something: the clock rests
	StateReview    State = "review"    // an answer waits for a second signature
	StateReplied   State = "answered"  // the enterprise has its answer
	StateClosed    State = "closed"    // nothing more is due
	StateReopened  State = "reopened"  // the enterprise was not satisfied: due again
)

// steps are the changes of state that are allowed.
var steps = map[State][]State{
	StateNew:       {StateAssigned, StateAnswering, StateClosed},
	StateAssigned:  {StateNew, StateAssigned, StateAnswering, StateClosed},
	StateAnswering: {StateNew, StateAssigned, StateWaiting, StateReview, StateReplied, StateClosed},
	StateWaiting:   {StateNew, StateAnswering, StateAssigned, StateReview, StateReplied, StateClosed},
	StateReview:    {StateNew, StateAnswering, StateAssigned, StateReplied, StateClosed},
	StateReplied:   {StateClosed, StateReopened},
	StateClosed:    {StateReopened},
	StateReopened:  {StateAssigned, StateAnswering, StateClosed},
}

// Open reports whether somebody still has to do something.
func (s State) Open() bool { return s != StateReplied && s != StateClosed }

// Name is how people call a state.
func (s State) Name() string {
	switch s {
	case StateNew:
		return "待分派"
	case StateAssigned:
		return "已分派"
	case StateAnswering:
		return "办理中"
	case StateWaiting:
		return "等企业补充"
	case StateReview:
		return "待复核"
	case StateReplied:
		return "已答复"
	case StateClosed:
		return "已办结"
	case StateReopened:
		return "重新办理"
	}
	return string(s)
}

// step checks a change of state.
func step(from, to State) error {
	if !slices.Contains(steps[from], to) {
		return apperr.New(apperr.Conflict, "这件咨询现在是“"+from.Name()+"”，不能改为“"+to.Name()+"”。请刷新页面看看最新情况。")
	}
	return nil
}
