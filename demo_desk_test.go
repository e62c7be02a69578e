package main

import (
	"os"
	"slices"
	"testing"
	"time"

	"greendesk/desk/route"
	"greendesk/internal/wechat/simulator"
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

// TestThreeSignInsFitIntoAnyMoment: none of three at once is refused or waits
// longer than ten seconds, at any second of a period; many more are refused.
func TestThreeSignInsFitIntoAnyMoment(t *testing.T) {
	for at := range int64(codePeriod) {
		door, now := &demoDoor{used: map[string]int64{}}, time.Unix(at+1000*codePeriod, 0)
		for i := range 3 {
			step, wait, ok := door.nextStep("demo-admin", now)
			if !ok || step > now.Add(wait).Unix()/codePeriod+1 {
				t.Errorf("%d s into a period: sign-in %d: code of period %d after %s, %v", at, i+1, step, wait, ok)
			}
		}
		for range 2 {
			_, _, _ = door.nextStep("demo-admin", now)
		}
		if _, _, ok := door.nextStep("demo-admin", now); ok {
			t.Errorf("%d s into a period: the sixth sign-in is not refused", at)
		}
	}
}

// TestTheDemosClockGoesOnWhereItWas: after the next start nothing lies in the
// future.
func TestTheDemosClockGoesOnWhereItWas(t *testing.T) {
	kept := demoClock(t.TempDir())
	var before, after, broken simulator.Clock
	must(t, kept.restore(&before))
	if before.Offset() != 0 {
		t.Errorf("a new demo's clock is %s ahead", before.Offset())
	}
	before.Advance(49*time.Hour + 30*time.Second)
	must(t, kept.save(&before))
	must(t, kept.restore(&after))
	if after.Offset() != before.Offset() {
		t.Errorf("%s ahead, was %s", after.Offset(), before.Offset())
	}
	must(t, os.WriteFile(string(kept), []byte("x"), 0o600))
	must(t, kept.restore(&broken))
	if broken.Offset() != 0 {
		t.Errorf("%s ahead", broken.Offset())
	}
}
