package main

import (
	"slices"
	"testing"

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
