package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"greendesk/internal/testenv"
	"greendesk/internal/wechat/simulator"
)

// textPush is a text as the platform sends it.
func textPush(openid string, id int64, text string, at time.Time) simulator.Raw {
	return simulator.Raw{OpenID: openid, XML: fmt.Sprintf(`<xml><ToUserName><![CDATA[gh_greendesk01]]></ToUserName><FromUserName><![CDATA[%s]]></FromUserName>`+
		`<CreateTime>%d</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[%s]]></Content><MsgId>%d</MsgId></xml>`, openid, at.Unix(), text, id)}
}

func TestEachMessageDeliveredFourTimesAtOnceAndShuffledIsOneRow(t *testing.T) {
	replicated(t, func(t *testing.T, k *cluster) {
		const messages, times = 60, 4
		p := k.platform.AddPerson(simulator.Person{Name: "企业"})
		var pushes []simulator.Raw
		for i := range messages {
			for range times {
				pushes = append(pushes, textPush(p, 7_000_000_000+int64(i), "我们厂"+marker(i)+"的活性炭箱风量怎么设计才合适", time.Now()))
			}
		}
		rand.New(rand.NewPCG(3, 4)).Shuffle(len(pushes), func(i, j int) { pushes[i], pushes[j] = pushes[j], pushes[i] })
		var wg sync.WaitGroup
		for _, push := range pushes {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if a := k.platform.RawPush(t.Context(), push); a.Status != 200 {
					t.Errorf("answered %d: %s", a.Status, a.Err)
				}
			}()
		}
		wg.Wait()
		k.settled(t)
		if n := k.count(`SELECT count(*) FROM inbound WHERE kind = 'text'`); n != messages {
			t.Errorf("%d messages are %d rows", messages, n)
		}
		for i := range messages {
			if n := k.count(`SELECT (SELECT count(*) FROM consultations WHERE question LIKE $1) + (SELECT count(*) FROM posts WHERE body LIKE $1)`, "%"+marker(i)+"%"); n != 1 {
				t.Errorf("message %d stands in %d consultations", i, n)
			}
		}
	})
}

func TestTenMessagesOfANewContactIn200MillisecondsAreOneConsultation(t *testing.T) {
	replicated(t, func(t *testing.T, k *cluster) {
		const messages = 10
		p := k.platform.AddPerson(simulator.Person{Name: "新企业"})
		var wg sync.WaitGroup
		for i := range messages {
			wg.Add(1)
			time.AfterFunc(time.Duration(i)*20*time.Millisecond, func() {
				defer wg.Done()
				k.platform.RawPush(t.Context(), textPush(p, 8_000_000_000+int64(i), "我们厂"+marker(i)+"的活性炭箱风量怎么设计才合适", time.Now()))
			})
		}
		wg.Wait()
		k.settled(t)
		contacts, consultations := k.count(`SELECT count(*) FROM contacts`), k.count(`SELECT count(*) FROM consultations`)
		said := k.count(`SELECT (SELECT count(*) FROM consultations) + (SELECT count(*) FROM posts WHERE kind = 'word')`)
		if contacts != 1 || consultations != 1 || said != messages {
			t.Errorf("%d contacts, %d consultations, %d messages in them", contacts, consultations, said)
		}
	})
}

func TestFlushingRedisInTheMiddleOfDialoguesHarmsNobody(t *testing.T) {
	k := newCluster(t, 2, options{database: testenv.PostgreSQL(t), redis: testenv.Redis(t)})
	const people, turns = 200, 3
	where, err := redis.ParseURL(k.settings.Redis)
	must(t, err)
	client := redis.NewClient(where)
	defer func() { must(t, client.Close()) }()
	flushes := 0
	stop := make(chan struct{})
	var flusher sync.WaitGroup
	flusher.Add(1)
	go func() {
		defer flusher.Done()
		for {
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
				if err := client.FlushDB(t.Context()).Err(); err != nil {
					t.Error(err)
				}
				flushes++
			}
		}
	}()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 16)
	who := map[string]string{}
	for i := range people {
		p := k.platform.AddPerson(simulator.Person{Name: fmt.Sprintf("企业%d", i)})
		who[p] = marker(i)
		wg.Add(1)
		go func() {
			defer wg.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			if _, err := k.platform.Follow(p, ""); err != nil {
				t.Error(err)
			}
			for turn, text := range []string{"我们厂" + marker(i) + "的活性炭箱风量怎么设计才合适", "锅炉冒黑烟会被罚多少钱", "我的咨询"} {
				if x, err := k.platform.SendText(p, text); err != nil || x.Outcome == simulator.Failed {
					t.Errorf("turn %d of %d failed: %+v %v", turn, turns, x, err)
				}
			}
		}()
	}
	wg.Wait()
	// The experts answer while Redis is flushed on and on.
	must(t, hire(k.db))
	working, enough := context.WithCancel(t.Context())
	enough()
	k.expert(working, li)
	close(stop)
	flusher.Wait()
	k.settled(t)
	if n := k.count(`SELECT count(*) FROM consultations k WHERE NOT EXISTS
		(SELECT 1 FROM deliveries d WHERE d.consultation_id = k.id AND d.state IN ('sent', 'waiting'))`); n != 0 {
		t.Errorf("the answers of %d consultations are lost", n)
	}
	for _, person := range k.platform.People() {
		for _, b := range k.platform.Transcript(person.OpenID) {
			if strings.Contains(b.Text, simulator.FaultLine) {
				t.Errorf("%s saw the fault line", person.Name)
			}
			for _, m := range regexp.MustCompile(`第(\d{5})号喷漆房`).FindAllString(b.Text, -1) {
				if m != who[person.OpenID] {
					t.Errorf("%s, who wrote of %s, reads of %s", person.Name, who[person.OpenID], m)
				}
			}
		}
	}
	t.Logf("%d dialogues, %d flushes", people, flushes)
	if n := k.count(`SELECT count(*) FROM consultations`); n < people {
		t.Errorf("%d people have %d consultations", people, n)
	}
}
