package knowledge

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"greendesk/internal/testenv"
)

// followUps are a question, what is asked next in the same conversation, and the
// clauses of which any answers that: sometimes the one that was just quoted,
// sometimes another.
var followUps = []struct{ before, next, gold string }{
	{"锅炉冒黑烟会被罚多少钱", "那第二次呢", "大气污染防治法第一百二十三条|环境保护主管部门实施按日连续处罚办法第五条|河南省减少污染物排放条例第四十条"},
	{"锅炉冒黑烟会被罚多少钱", "那第二次被查到呢", "大气污染防治法第一百二十三条|环境保护主管部门实施按日连续处罚办法第五条|河南省减少污染物排放条例第四十条"},
	{"没有排污许可证就排污罚多少", "那人会不会被拘留", "环境保护法第六十三条|排污许可管理条例第四十四条"},
	{"危险废物在厂里最多放多久", "那想多放一阵子呢", "固体废物污染环境防治法第八十一条"},
	{"环评没批就开工罚多少", "那要不要恢复原状", "环境影响评价法第三十一条|环境保护法第六十一条"},
	{"排污许可证有效期几年", "那快到期了提前多久去办", "排污许可管理条例第十四条|河南省减少污染物排放条例第十五条"},
	{"要求听证得几天内提出", "那听证要我们出钱吗", "行政处罚法第六十四条|行政许可法第四十七条"},
	{"罚款一时交不上能分期吗", "那拖着不交呢", "行政处罚法第七十二条|行政强制法第四十五条"},
	{"执法的人不亮证件行吗", "那我能不让他查吗", "行政处罚法第五十五条|河南省行政执法条例第二十四条"},
	{"环评批下来五年没开工还算数吗", "那重新审核几天给答复", "环境影响评价法第二十四条|建设项目环境保护管理条例第十二条"},
	{"在线监测设备坏了怎么办", "那坏了没报告罚多少", "排污许可管理条例第三十六条"},
	{"在地里烧秸秆罚多少", "那烧塑料垃圾呢", "大气污染防治法第一百一十九条|河南省大气污染防治条例第八十一条"},
	{"餐馆没装油烟净化器罚多少", "那装了不用呢", "大气污染防治法第一百一十八条"},
	{"废水超标排放罚多少", "那从暗管偷排呢", "水污染防治法第八十三条|排污许可管理条例第三十四条"},
	{"不让环保检查罚多少", "那检查时弄虚作假呢", "大气污染防治法第九十八条|水污染防治法第八十一条|固体废物污染环境防治法第一百零三条|排污许可管理条例第三十九条"},
	{"转移危险废物没有联单罚多少", "那随便倒在河边呢", "固体废物污染环境防治法第一百一十二条|水污染防治法第八十五条"},
	{"查封设备最长封多久", "那封坏了赔不赔", "行政强制法第二十六条"},
	{"第一次违法轻微能不罚吗", "那我能证明不是故意的呢", "行政处罚法第三十三条"},
	{"违法的事过几年就不罚了", "那一直没停的从哪天算", "行政处罚法第三十六条"},
	{"环境保护税谁来交", "那浓度低于标准三成能少交吗", "环境保护税法第十三条|环境保护税法实施条例第十条"},
	{"土壤污染重点监管单位要做哪些事", "那没做会罚多少", "土壤污染防治法第八十六条"},
	{"突发环境事件应急预案要备案吗", "那没备案罚多少", "突发环境事件应急管理办法第三十八条"},
	{"企业环境信息要不要公开", "那不公开罚多少", "企业环境信息依法披露管理办法第二十八条|环境保护法第六十二条"},
	{"工地夜里施工要不要办手续", "那没有证明就施工罚多少", "噪声污染防治法第七十七条"},
	{"对处罚不服可以申请复议吗", "那多少天之内提", "行政复议法第二十条"},
	{"被责令停产整治要做什么", "那整改完怎么才能复产", "环境保护主管部门实施限制生产、停产整治办法第十七条|环境保护主管部门实施限制生产、停产整治办法第十八条"},
	{"信息公开申请几天答复", "那能再拖几天吗", "政府信息公开条例第三十三条"},
	{"复议机关多久出结果", "那结果还是维持呢", "行政诉讼法第四十五条|行政复议法第十条"},
	{"处罚决定书要当场给我吗", "那我不在家呢", "行政处罚法第六十一条"},
	{"罚款决定下来多久要交", "那对数额不服先不交行吗", "行政处罚法第七十三条|行政复议法第四十二条"},
}

// A follow-up is answered by what it asks itself, not by what was quoted just
// before, on the real laws.
func TestAFollowUpAsksForWhatItSays(t *testing.T) {
	dir := corpusDir(t)
	if dir == "" {
		return
	}
	s := testStore(t, testenv.OpenMigrated(t, testenv.SQLite(t)))
	mustImport(t, s, filepath.Join(dir, "laws"), filepath.Join(dir, "rules"))
	e := synced(t, testEngine(t, s))
	right, among := 0, 0
	for _, c := range followUps {
		shown := ask(t, e, Ask{Text: c.before}).Citations[0]
		res := ask(t, e, Ask{Text: c.next, Prev: c.before, Shown: []string{shown.Clause}})
		place := slices.IndexFunc(res.Citations, func(got Citation) bool {
			return slices.Contains(strings.Split(c.gold, "|"), strings.TrimPrefix(got.Document, "中华人民共和国")+got.Ref)
		})
		if place >= 0 {
			among++
		}
		if place == 0 {
			right++
			continue
		}
		t.Logf("%s → %s: %s%s (place %d), shown %s", c.before, c.next, res.Citations[0].Document, res.Citations[0].Ref, place, shown.Ref)
	}
	t.Logf("%d of %d follow-ups have the right clause first, %d among three", right, len(followUps), among)
	const want, wantAmong = 25, 28
	if right < want || among < wantAmong {
		t.Errorf("%d first and %d among three of %d follow-ups", right, among, len(followUps))
	}
}
