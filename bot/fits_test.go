package bot

import (
	"maps"
	"slices"
	"testing"

	"greendesk/desk"
)

func TestWhatAContactTellsIsSeenByItsForm(t *testing.T) {
	for text, want := range map[string]map[desk.Field]string{
		"赵建国":                 {desk.FieldName: "赵建国"},
		"我叫欧阳春":               {desk.FieldName: "欧阳春"},
		"联系人：孙丽":              {desk.FieldName: "孙丽"},
		"马总":                  {desk.FieldName: "马总"},
		"我是厂里的安全员":            {desk.FieldPosition: "厂里的安全员"},
		"副总经理":                {desk.FieldPosition: "副总经理"},
		"0395-3131234":        {desk.FieldPhone: "03953131234"},
		"厂在临颍县":               {desk.FieldCounty: "临颍县"},
		"舞阳":                  {desk.FieldCounty: "舞阳县"},
		"简化管理":                {desk.FieldPermit: "simplified"},
		"9144030071526726xg":  {desk.FieldCode: "9144030071526726XG"},
		"临颍县鸿发包装有限公司":         {desk.FieldCompany: "临颍县鸿发包装有限公司"},
		"舞阳县兴旺养殖场":            {desk.FieldCompany: "舞阳县兴旺养殖场"},
		"孙丽，15039571234，环保专员": {desk.FieldName: "孙丽", desk.FieldPhone: "15039571234", desk.FieldPosition: "环保专员"},
	} {
		if got := fitting(text, desk.Fields(), desk.FieldCode); !maps.Equal(got, want) {
			t.Errorf("%q tells %v, want %v", text, got, want)
		}
	}
	for _, text := range []string{"方便面", "周五", "马上", "我们是小厂", "登记", "电镀", "对", "好的", "12345678901", "找你们经理", "我要见主任", "举报旁边的电镀厂",
		"这个公司", "孙丽，过几天再说", "临颍县鸿发包装有限公司怎么办许可", "设备坏了", ""} {
		if got := fitting(text, desk.Fields(), desk.FieldCode); len(got) > 0 {
			t.Errorf("%q tells %v", text, got)
		}
	}
}

func TestANameIsNotTakenWhereAnythingMayBeTheValue(t *testing.T) {
	for _, c := range []struct {
		text  string
		asked desk.Field
		want  []desk.Field
	}{
		{"金银花", desk.FieldIndustry, nil},
		{"高管", desk.FieldPosition, nil},
		{"13803951234", desk.FieldIndustry, []desk.Field{desk.FieldPhone}},
		{"环保专员", desk.FieldName, []desk.Field{desk.FieldPosition}},
	} {
		if got := slices.Collect(maps.Keys(fitting(c.text, desk.Fields(), c.asked))); !slices.Equal(got, c.want) {
			t.Errorf("%q, asked for %s, tells %v", c.text, c.asked, got)
		}
	}
}

func TestWordsThatEndTheBindingOrSayThatSomethingIsNotKnown(t *testing.T) {
	for _, text := range []string{"退出", "退出吧", "算了", "我先不填了", "不想绑定了", "不绑了。", "取消", "以后再说吧", "下次再填"} {
		if !leavesOff(text) {
			t.Errorf("%q does not end it", text)
		}
	}
	for _, text := range []string{"不知道怎么填", "取消排污登记怎么办", "我们不用填排污登记表吗", "没有", "算了一下，一共三台"} {
		if leavesOff(text) {
			t.Errorf("%q ends it", text)
		}
	}
	for text, want := range map[string]bool{"不知道": true, "不清楚呀": true, "没有": true, "没有台账怎么罚": false, "不知道要不要办": false} {
		if unknown.MatchString(text) != want {
			t.Errorf("%q: not known is %v", text, !want)
		}
	}
}
