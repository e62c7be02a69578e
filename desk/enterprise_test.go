package desk

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"greendesk/internal/apperr"
)

func TestACreditCodeIsReadAsPeopleWriteIt(t *testing.T) {
	for _, in := range []string{"9144030071526726XG", "9144030071526726xg", " 91440300 7152 6726 XG ", "９１４４０３００７１５２６７２６ＸＧ", "914403-0071526726-XG"} {
		if got, err := CreditCode(in); err != nil || got != "9144030071526726XG" {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"914403001922038216", "91330100799655058B"} {
		if _, err := CreditCode(in); err != nil {
			t.Errorf("%q: %v", in, err)
		}
	}
	for in, word := range map[string]string{"": "营业执照", "9144030071526726XH": "校验位", "9144030071526726X": "17 位", "9144O30071526726XG": "字母 O", "91440300715267中文": "数字和大写字母"} {
		if _, err := CreditCode(in); apperr.CodeOf(err) != apperr.Invalid || !strings.Contains(apperr.MessageOf(err), word) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// One wrong character and two neighbours changed about are what people get
// wrong: the check finds all of them.
func TestACreditCodeWithOneMistakeIsRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOfN(rapid.SampledFrom([]rune(creditAlphabet)), 17, 17, 17).Draw(t, "body")
		code := []byte(body + "0")
		code[17] = creditCheck(string(code))
		if _, err := CreditCode(string(code)); err != nil {
			t.Fatal(err)
		}
		i := rapid.IntRange(0, 17).Draw(t, "place")
		other := rapid.SampledFrom([]byte(creditAlphabet)).Draw(t, "other")
		wrong := append([]byte{}, code...)
		wrong[i] = other
		if _, err := CreditCode(string(wrong)); (err == nil) != (other == code[i]) {
			t.Fatalf("%s for %s: %v", wrong, code, err)
		}
		if i < 17 {
			swapped := append([]byte{}, code...)
			swapped[i], swapped[i+1] = code[i+1], code[i]
			if _, err := CreditCode(string(swapped)); (err == nil) != (code[i] == code[i+1]) {
				t.Fatalf("%s for %s: %v", swapped, code, err)
			}
		}
	})
}

func TestTheIndustryTreeIsWholeAndFindsWhatPeopleSay(t *testing.T) {
	sections, divisions, seen := 0, 0, map[string]bool{}
	for _, i := range Industries() {
		if seen[i.Code] || i.Name == "" {
			t.Errorf("%+v", i)
		}
		seen[i.Code] = true
		switch len(i.Code) {
		case 1:
			sections++
		case 2:
			divisions++
		case 3:
			if !seen[i.Code[:2]] {
				t.Errorf("%s stands outside its 大类", i.Code)
			}
		default:
			t.Errorf("code %q", i.Code)
		}
	}
	if sections != 20 || divisions != 97 {
		t.Errorf("%d 门类, %d 大类", sections, divisions)
	}
	for words, code := range map[string]string{"面粉": "131", "我们是做方便面的": "143", "222": "222", "电镀": "336", "造纸": "222", "加油站": "526", "污水处理厂": "462"} {
		if found := FindIndustries(words, 3); len(found) == 0 || found[0].Code != code {
			t.Errorf("%s: %v", words, found)
		}
	}
	if found := FindIndustries("外星", 3); len(found) != 0 {
		t.Error(found)
	}
}

func TestFieldsAreCleaned(t *testing.T) {
	for _, c := range []struct {
		f        Field
		in, want string
		ok       bool
	}{
		{FieldPhone, "138 0395 1234", "13803951234", true},
		{FieldPhone, "＋86", "", false},
		{FieldPhone, "0395-3131234", "03953131234", true},
		{FieldPhone, "12345", "", false},
		{FieldCounty, "漯河市召陵", "召陵区", true},
		{FieldCounty, "舞阳", "舞阳县", true},
		{FieldCounty, "经开区", "经开区", true},
		{FieldCounty, "郑州", "", false},
		{FieldPermit, "简化", "simplified", true},
		{FieldPermit, "", "", true},
		{FieldPermit, "特批", "", false},
		{FieldIndustry, "999", "", false},
		{FieldName, "  张 \u202e三\x00 ", "张 三", true},
		{FieldName, "", "", false},
		{FieldCompany, strings.Repeat("长", 61), "", false},
	} {
		got, err := c.f.Clean(c.in)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%s %q: %q, %v", c.f, c.in, got, err)
		}
	}
}

func validProfile() Profile {
	return Profile{Name: "张三", Position: "环保专员", Phone: "13803951234", Enterprise: Enterprise{Code: "9144030071526726XG", Company: "某食品有限公司", Industry: "143", County: "召陵", Permit: "简化"}}
}

func TestAContactBindsCorrectsAndErases(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		privacy, err := d.Privacy(ctx)
		must(t, err)
		if err := d.Bind(ctx, "o-firm", validProfile(), privacy.Fingerprint); apperr.CodeOf(err) != apperr.NotFound {
			t.Errorf("a stranger binds: %v", err)
		}
		_, err = d.Receive(ctx, c.message("o-firm", "m:1"))
		must(t, err)
		if err := d.Bind(ctx, "o-firm", validProfile(), "another"); apperr.CodeOf(err) != apperr.Conflict {
			t.Errorf("bound without agreeing: %v", err)
		}
		bad := validProfile()
		bad.Phone = "1"
		if err := d.Bind(ctx, "o-firm", bad, privacy.Fingerprint); apperr.CodeOf(err) != apperr.Invalid {
			t.Errorf("a wrong phone is kept: %v", err)
		}
		if profile, err := d.Profile(ctx, "o-firm"); err != nil || profile.Bound() || profile.Agreed != "" || profile.Phone != "" {
			t.Errorf("something was kept: %+v, %v", profile, err)
		}
		must(t, d.Bind(ctx, "o-firm", validProfile(), privacy.Fingerprint))
		profile, err := d.Profile(ctx, "o-firm")
		must(t, err)
		if !profile.Bound() || profile.County != "召陵区" || profile.Permit != "simplified" || profile.Agreed != privacy.Fingerprint || !profile.AgreedAt.Equal(c.now()) {
			t.Errorf("profile %+v", profile)
		}
		corrected := validProfile()
		corrected.Company, corrected.Name = "某方便食品有限公司", "李四"
		must(t, d.Bind(ctx, "o-firm", corrected, privacy.Fingerprint))
		again, err := d.Profile(ctx, "o-firm")
		must(t, err)
		if again.ID != profile.ID || again.Company != corrected.Company || again.Name != "李四" {
			t.Errorf("corrected %+v", again)
		}
		if n := numberOf(t, d, `SELECT count(*) FROM audit WHERE action = 'enterprise' AND detail LIKE '%某食品有限公司 → 某方便食品有限公司%'`); n != 1 {
			t.Errorf("%d entries tell of the change", n)
		}
		must(t, d.Unbind(ctx, "o-firm"))
		gone, err := d.Profile(ctx, "o-firm")
		must(t, err)
		if gone != (Profile{}) {
			t.Errorf("erased %+v", gone)
		}
		if n := numberOf(t, d, `SELECT count(*) FROM enterprises`); n != 0 {
			t.Errorf("%d enterprises that nobody names", n)
		}
		if n := numberOf(t, d, `SELECT count(*) FROM audit WHERE detail LIKE '%张三%' OR detail LIKE '%1380%' OR actor LIKE '%o-firm%'`); n != 0 {
			t.Errorf("%d audit entries hold personal data", n)
		}
	})
}

func TestTwoContactsOfAnEnterpriseShareItAndNothingElse(t *testing.T) {
	desks(t, func(t *testing.T, d *Desk, c *clock) {
		ctx := context.Background()
		privacy, err := d.Privacy(ctx)
		must(t, err)
		for i, openid := range []string{"o-one", "o-two"} {
			_, err := d.Receive(ctx, c.message(openid, openid))
			must(t, err)
			profile := validProfile()
			profile.Name = []string{"甲", "乙"}[i]
			must(t, d.Bind(ctx, openid, profile, privacy.Fingerprint))
		}
		one, err := d.Profile(ctx, "o-one")
		must(t, err)
		two, err := d.Profile(ctx, "o-two")
		must(t, err)
		if one.ID != two.ID || one.Name != "甲" || two.Name != "乙" {
			t.Errorf("%+v\n%+v", one, two)
		}
		must(t, d.Unbind(ctx, "o-one"))
		if two, err = d.Profile(ctx, "o-two"); err != nil || !two.Bound() {
			t.Errorf("the other's enterprise went too: %+v, %v", two, err)
		}
	})
}

func numberOf(t *testing.T, d *Desk, query string) (n int) {
	t.Helper()
	must(t, d.db.QueryRow(context.Background(), query).Scan(&n))
	return n
}

func TestBindingNamesTheEnterpriseToWhoeverAdvisesItNow(t *testing.T) {
	staffed(t, func(t *testing.T, o office) {
		ctx := context.Background()
		done := o.asked("o-b", "这件已经答复")
		o.run(`UPDATE consultations SET state = 'answered' WHERE id = $1`, done.ID)
		o.clock.move(together)
		open := o.asked("o-b", "这件还在办")
		privacy, err := o.Privacy(ctx)
		must(t, err)
		must(t, o.Bind(ctx, "o-b", validProfile(), privacy.Fingerprint))
		if c := o.current(open.ID); c.EnterpriseName != "某食品有限公司" {
			t.Errorf("the open one: %q", c.EnterpriseName)
		}
		if c := o.current(done.ID); c.Enterprise != "" {
			t.Errorf("the answered one: %q", c.EnterpriseName)
		}
		must(t, o.Erase(ctx, "o-b", o.clock.now()))
		if n := o.count(`SELECT count(*) FROM enterprises WHERE code = '9144030071526726XG'`); n != 0 {
			t.Errorf("%d enterprises that nobody names", n)
		}
	})
}
