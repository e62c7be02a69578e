package desk

import (
	"context"
	"strings"
	"testing"

	"greendesk/internal/apperr"
)

func TestEarlierAnswersToLikeQuestionsAreShownWithoutAnybodysData(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		first := o.answered("o-1", "喷漆房活性炭多久换一次", "刘厂长您好！漯河食品厂的王师傅，电话13812345678，代码91411100MA00000001，和漯河某某化工有限公司一样：活性炭三个月换一次。")
		o.run(`UPDATE consultations SET enterprise_id = 'e1' WHERE id = $1`, first.ID)
		o.run(`UPDATE contacts SET name = '王师傅' WHERE openid = 'o-1'`)
		o.answered("o-2", "雨水排放口要不要在线监测", "不需要。")
		poor := o.answered("o-3", "喷漆房的活性炭多久换一次呀", "不知道。")
		must(t, o.RateAnswer(ctx, "o-3", poor.ID, 1, ""))
		o.asked("o-4", "喷漆房活性炭多久换一回") // not answered
		if got, err := o.Similar(ctx, "请问喷漆房的活性炭多久换一次？", 5); err != nil || len(got) != 0 {
			t.Fatalf("shown, though nobody released it: %+v, %v", got, err)
		}
		k := o.asked("o-5", "喷漆房活性炭多久要换一次")
		c, err := o.Open(ctx, o.wang, k.ID)
		must(t, err)
		if len(c.Similar) != 1 || !strings.Contains(c.Similar[0].Answer, "活性炭三个月换一次") {
			t.Errorf("the expert sees %+v", c.Similar)
		}
		for _, personal := range []string{"漯河食品厂", "王师傅", "刘厂长", "化工", "13812345678", "91411100MA00000001"} {
			if strings.Contains(c.Similar[0].Answer, personal) {
				t.Errorf("%s is shown to a colleague", personal)
			}
		}
		if err := o.Share(ctx, o.wang, k.ID, "三个月。"); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("released before it is answered: %v", err)
		}
		must(t, o.Share(ctx, o.wang, first.ID, "  活性炭三个月换一次，看压差。 "))
		got, err := o.Similar(ctx, "请问喷漆房的活性炭多久换一次？", 5)
		must(t, err)
		if len(got) != 1 || got[0].Consultation != first.ID || got[0].Answer != "活性炭三个月换一次，看压差。" {
			t.Fatalf("%+v", got)
		}
		seen, err := o.Thread(ctx, "o-5", k.ID)
		must(t, err)
		if len(seen.Similar) != 1 || seen.Similar[0].Answer != got[0].Answer || seen.Similar[0].Consultation != "" {
			t.Errorf("the enterprise sees %+v", seen.Similar)
		}
		must(t, o.Share(ctx, o.wang, first.ID, ""))
		if got, err = o.Similar(ctx, "喷漆房活性炭多久换一次", 5); err != nil || len(got) != 0 {
			t.Errorf("taken back, and shown: %+v, %v", got, err)
		}
		must(t, o.Share(ctx, o.wang, first.ID, "三个月换一次。"))
		must(t, o.Erase(ctx, "o-1", o.clock.now()))
		if got, err = o.Similar(ctx, "喷漆房活性炭多久换一次", 5); err != nil || len(got) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestHowAlikeTwoQuestionsAre(t *testing.T) {
	pool := []earlier{
		{question: "喷漆房活性炭多久换一次"}, {question: "危废仓库要贴什么标识"}, {question: "锅炉改天然气还要不要在线监测"}, {question: "厂界噪声夜间标准是多少"},
		{question: "排污许可证延续要提前多久申请"}, {question: "环评批了五年没开工还有效吗"},
	}
	for i := range pool {
		pool[i].Consultation, pool[i].Answer = pool[i].question, "答"
	}
	for asked, want := range map[string]string{
		"活性炭多长时间换一次，我是喷漆房":  "喷漆房活性炭多久换一次",
		"排污许可证延续提前多少天申请":    "排污许可证延续要提前多久申请",
		"危险废物仓库门口贴什么标识":     "危废仓库要贴什么标识",
		"食堂油烟多久清洗一次":        "",
		"锅炉多久检一次":           "",
		"":                  "",
		"夜间厂界噪声的标准是多少分贝":    "厂界噪声夜间标准是多少",
		"环评批复过了五年还没动工，有效吗？": "环评批了五年没开工还有效吗",
	} {
		got := ""
		for _, s := range mostAlike(asked, pool, 1) {
			got = s.Consultation
		}
		if got != want {
			t.Errorf("%s: %q, want %q", asked, got, want)
		}
	}
}
