package main

import (
	"slices"
	"testing"
	"time"

	"greendesk/desk/route"
)

func TestEveryTopicOfTheDemoHasAGroupAndAnExpertInIt(t *testing.T) {
	topics, err := route.LoadTopics()
	must(t, err)
	for _, topic := range topics.Names() {
		var having []demoGroup
		for _, g := range demoGroups() {
			if slices.Contains(g.topics, topic) {
				having = append(having, g)
			}
		}
		if len(having) != 1 {
			t.Errorf("%s has %d groups", topic, len(having))
			continue
		}
		if topic == route.General {
			continue // the lead's
		}
		if !slices.ContainsFunc(demoPeople(), func(p demoPerson) bool {
			return slices.Contains(having[0].members, p.Login) && slices.Contains(p.topics, topic)
		}) {
			t.Errorf("nobody in %s is an expert of %s", having[0].name, topic)
		}
	}
}

// TestTheDoorsCodeIsStillGoodWhenItArrives: at any second of a period, and
// ten seconds later, the first code is of a period that is taken: this one,
// the one before or the one after.
func TestTheDoorsCodeIsStillGoodWhenItArrives(t *testing.T) {
	for at := range int64(codePeriod) {
		step := firstStep(time.Unix(at+codePeriod, 0))
		if sent, arrived := int64(1), (at+codePeriod+codeTravel-1)/codePeriod; step < arrived-1 || step > sent+1 {
			t.Errorf("%d s into a period: code of period %d, checked in period %d", at, step, arrived)
		}
	}
}
