package bot

import (
	"context"
	"slices"

	"greendesk/knowledge"
	"greendesk/knowledge/rank"
)

// afterStory answers the question that a message ends with, when a story before
// it kept the message as a whole from being answered. The story must not change
// what is asked: it tells of no other day and no other place, and the clause
// that answers the question is among those that fit the whole message.
func (b *Bot) afterStory(ctx context.Context, a knowledge.Ask, d *Decision, res **knowledge.Result) error {
	whole := *res
	if d.Action != ActExpert && d.Action != ActClarify || whole.Absent != "" || whole.Day != "" || whole.Vague != "" ||
		len(whole.Question.Places) > 0 || whole.Question.FollowUp {
		return nil
	}
	a.Prev, a.Shown = "", nil
	for _, a.Text = range b.engine.Asked(a.Text) {
		asked, found, err := b.judge(ctx, a)
		if err != nil {
			return err
		}
		if asked.Action != ActAnswer || !fitsToo(found.Citations[0].Clause, whole.Ranked) {
			continue
		}
		found.Question.Text, found.Question.Said = whole.Question.Text, whole.Question.Said
		*d, *res = asked, found
		return nil
	}
	return nil
}

// storyDepth is how far down the clauses of a whole message are looked at.
const storyDepth = 10

func fitsToo(clause string, whole []rank.Ranked) bool {
	return slices.ContainsFunc(whole[:min(storyDepth, len(whole))], func(r rank.Ranked) bool { return r.Entry.ID == clause })
}
