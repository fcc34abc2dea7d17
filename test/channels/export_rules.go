// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package channels

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/preset"
)

// surveyWord is a question in the configuration of a sample.
type surveyWord struct {
	Column, Kind string
	Scale        json.Number
	Texts        map[string]json.Number
}

// ruleWriter writes the rules that a user would write from the words of a configuration.
type ruleWriter struct {
	*Export
	seen *sampled
}

// exportRules returns rules for a table whose columns only its user knows.
func exportRules(e *Export, source *v1alpha1.TouchpointSourceSpec) ([]v1alpha1.MappingRule, error) {
	draft := source.DeepCopy()
	draft.Mapping = []v1alpha1.MappingRule{{Drop: &v1alpha1.MappingDrop{}}}
	draft, _, err := preset.Expand(draft)
	if err != nil {
		return nil, err
	}
	seen, err := look(e, draft.Transport.Files)
	if err != nil {
		return nil, err
	}
	w := &ruleWriter{Export: e, seen: seen}
	var rules []v1alpha1.MappingRule
	kind := w.kind()
	if drop := w.list("drop"); len(drop) > 0 && kind != "" {
		rules = append(rules, v1alpha1.MappingRule{When: expression("%s in %s", cell(kind), literals(drop)), Drop: &v1alpha1.MappingDrop{}})
	}
	return append(rules, w.rule(kind)), nil
}

func expression(format string, args ...any) v1alpha1.CELExpression {
	return v1alpha1.CELExpression(fmt.Sprintf(format, args...))
}

func literals(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = strconv.Quote(t)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// kind returns the column that says what happened: that with the values of the configuration.
func (w *ruleWriter) kind() string {
	return w.seen.with(append(slices.Collect(maps.Keys(w.names())), w.list("drop")...))
}

func (w *ruleWriter) names() map[string]string {
	out := map[string]string{}
	_ = json.Unmarshal(w.Config["events"], &out) // another form has no names
	return out
}

func (w *ruleWriter) rule(kind string) v1alpha1.MappingRule {
	event := &v1alpha1.EventMapping{Name: `"Survey Responded"`, Time: w.time(), Identities: w.identities(), Properties: w.properties()}
	rule := v1alpha1.MappingRule{Event: event}
	questions := w.questions()
	if len(questions) > 0 {
		rule.ForEach = w.forEach(questions)
		event.Survey = &v1alpha1.SurveyMapping{Kind: "item.kind", Score: "item.score", Scale: "item.scale"}
		if len(questions) > 1 {
			event.Properties["survey_question"] = "item.question"
		}
	}
	if names := w.names(); kind != "" && len(names) > 0 {
		var pairs []string
		for _, k := range slices.Sorted(maps.Keys(names)) {
			pairs = append(pairs, strconv.Quote(k)+": "+strconv.Quote(names[k]))
		}
		event.Name = expression("{%s}[?%s].orValue(%s)", strings.Join(pairs, ", "), cell(kind), cell(kind))
	}
	w.money(event)
	w.id(event)
	return rule
}

// time returns the expression for the time, of one column or of two.
func (w *ruleWriter) time() v1alpha1.CELExpression {
	columns := w.list("time")
	if len(columns) == 0 || w.seen.named("^"+columns[0]+"$") == "" {
		columns = []string{w.seen.named(`timestamp|date|time|created|submitted`)}
	}
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = cell(c)
	}
	text, layout := strings.Join(cells, ` + " " + `), w.text("timeLayout")
	switch {
	case strings.Contains(w.text("timeZone"), "header row"):
		return expression("localTime(%s, message.header[1][%q].timeZone)", text, columns[0])
	case strings.Contains(layout, " GMT"):
		plain, _, _ := strings.Cut(layout, " GMT")
		offset := text + `.split(" GMT")[1]`
		return expression(`localTime(%s.split(" GMT")[0], %q, "UTC") - duration(%s.contains(":") ? %s.replace(":", "h") + "m" : %s + "h")`, text, plain,
			offset, offset, offset)
	case layout != "":
		return expression("localTime(%s, %q, message.timeZone)", text, layout)
	}
	return expression(`localTime(%s, message[?"timeZone"].orValue("UTC"))`, text)
}

func (w *ruleWriter) identities() expressions {
	var words map[string]json.RawMessage
	_ = json.Unmarshal(w.Config["identities"], &words) // another form has none
	out := expressions{}
	for kind, raw := range words {
		var cells []string
		for _, c := range textsOf(raw) {
			cells = append(cells, optionalCell(c))
		}
		if len(cells) > 0 {
			out[kind] = v1alpha1.CELExpression(cells[0])
		}
		for _, c := range cells[1:] {
			out[kind] += expression(".or(%s)", c)
		}
	}
	return out
}

func (w *ruleWriter) properties() expressions {
	var words map[string]string
	_ = json.Unmarshal(w.Config["properties"], &words) // another form has none
	out := expressions{}
	for name, column := range words {
		out[name] = v1alpha1.CELExpression(cell(column))
	}
	for name, column := range map[string]string{"store": w.seen.named("^(filiale|store|shop)$"), "till": w.seen.named("^(kasse|till|register)$")} {
		if column != "" && out[name] == "" {
			out[name] = v1alpha1.CELExpression(cell(column))
		}
	}
	return out
}

func (w *ruleWriter) questions() (out []surveyWord) {
	if json.Unmarshal(w.Config["survey"], &out) != nil {
		var one surveyWord
		if json.Unmarshal(w.Config["survey"], &one) == nil && one.Column != "" {
			out = []surveyWord{one}
		}
	}
	return out
}

// forEach returns the answers of a response.
func (w *ruleWriter) forEach(questions []surveyWord) v1alpha1.CELExpression {
	var parts []string
	for _, q := range questions {
		score := cell(q.Column)
		if len(q.Texts) > 0 {
			var pairs []string
			for _, t := range slices.Sorted(maps.Keys(q.Texts)) {
				pairs = append(pairs, strconv.Quote(t)+": "+strconv.Quote(q.Texts[t].String()))
			}
			score = fmt.Sprintf("{%s}[?%s].orValue(%s)", strings.Join(pairs, ", "), score, score)
		}
		parts = append(parts, fmt.Sprintf("(%q in body ? [{\"question\": %q, \"kind\": %q, \"scale\": %q, \"score\": %s}] : [])", q.Column, q.Column, q.Kind,
			q.Scale.String(), score))
	}
	return v1alpha1.CELExpression(strings.Join(parts, " + "))
}

// money sets the amount and the order from columns with usual names, or those of the configuration.
func (w *ruleWriter) money(event *v1alpha1.EventMapping) {
	column := w.text("amount")
	if column == "" && len(w.questions()) == 0 {
		column = w.seen.named(`^(amount|total|brutto|gross|betrag|umsatz|revenue|order total|value)$`)
	}
	if column == "" {
		return
	}
	amount := cell(column)
	if t := w.text("thousands"); t != "" {
		amount += fmt.Sprintf(".replace(%q, \"\")", t)
	}
	if string(w.Config["decimalComma"]) == "true" {
		amount += `.replace(",", ".")`
	}
	event.Amount = v1alpha1.CELExpression(amount + `.replace("-", "")`)
	event.Currency = `message.currency`
	if c := w.seen.named(`^(currency|waehrung|währung|devise)$`); c != "" {
		event.Currency = v1alpha1.CELExpression(cell(c))
	}
	if key := w.list("key"); len(key) > 0 {
		event.OrderID = expression("[%s].join(\"-\")", strings.Join(cellsOf(key), ", "))
	}
	if c := w.text("orderId"); c != "" {
		event.OrderID = v1alpha1.CELExpression(cell(c))
	}
}

func cellsOf(columns []string) (out []string) {
	for _, c := range columns {
		out = append(out, cell(c))
	}
	return out
}

// id sets the id that the rule of the sample names. Rows without one are identified by their content.
func (w *ruleWriter) id(event *v1alpha1.EventMapping) {
	if w.IDRule.Form != "native" && w.IDRule.Form != "composed" {
		return
	}
	var parts []string
	for _, c := range w.IDRule.Columns {
		switch {
		case slices.Contains(w.seen.columns, c):
			parts = append(parts, cell(c))
		case c == "question":
			parts = append(parts, "item.question")
		default:
			if text := w.text(c + "Id"); text != "" {
				parts = append(parts, strconv.Quote(strings.Fields(text)[0]))
			}
		}
	}
	if len(parts) > 0 {
		event.ID = expression("[%s].join(\"|\")", strings.Join(parts, ", "))
	}
}
