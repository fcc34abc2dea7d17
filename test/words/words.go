// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package words checks the vocabulary of docs, comments and messages: words that were retired do not return, and lines stay readable.
package words

import (
	"regexp"
	"strings"
)

// Retired is a word or phrase that is no longer used.
type Retired struct {
	Pattern *regexp.Regexp
	Instead string // what to write
	Why     string
}

// Prose lists phrases that are retired from docs and messages. Code spans can contain them.
var Prose = []Retired{
	retired(`under way`, "in progress", "the term of the API and of Kubernetes"),
	retired(`(is|are|was|were) told`, "is reported, is counted, is notified", "says who reports what to whom"),
	retired(`stands? (in|at|there|beside|behind)`, "is in, is written to, is next to", "text and values do not stand"),
	retired(`as (it|they) stands?`, "as it is, unchanged", "the same"),
	retired(`(is|are|was|were) taken (for|up|off|over)`, "is read as, is picked up, is removed, is adopted", "names the action"),
	retired(`takes? (it|them) up`, "picks it up", "names the action"),
	retired(`(go|goes|went|going) on`, "continue", "one word"),
	retired(`mend(s|ed|ing)?`, "fix", "the word of every runbook"),
	retired(`that (is|are|was|were) none`, "invalid, not a …", "a riddle in English"),
	retired(`not to be had`, "not available", "plain English"),
	retired(`let [^.:;]{1,60} grow`, "increase", "an instruction starts with its verb"),
	retired(`anew`, "again, from scratch", "plain English"),
	retired(`inside of`, "inside", "plain English"),
	retired(`beside`, "next to, in addition to, compared with", "plain English"),
	retired(`for want of`, "because … is missing", "plain English"),
	retired(`(is|was) known of`, "known about, the traits of", "plain English"),
	retired(`speaks? (of|for)`, "is about, is as of", "numbers do not speak"),
	retired(`tells? of`, "reports, describes", "names the action"),
	retired(`no silence is too long`, "freshness is not checked", "says what happens"),
	retired(`fault of ours`, "a bug in Journeyman; please report it", "says what to do"),
	retired(`of ours`, "of Journeyman", "the reader is not one of us"),
	retired(`judge[sd]?`, "evaluate, check", "the term of conditions and rules"),
	retired(`machinery`, "Journeyman, the installation", "names it"),
	retired(`metrics? jobs?`, "analysis job", "metrics are Prometheus'"),
	retired(`(he|him|his|himself)`, "they, them, their", "customers and people are they"),
	{regexp.MustCompile(`(?:^|[.:] )Who\b[^.?!:]*\.(?: |$)`), "Somebody who …, You …", "a sentence with Who at its start is a question"},
}

// Comments lists phrases that are also retired from the comments of the code. The others can have a plain meaning there.
var Comments = []Retired{
	comment(`under way`, "in progress", "the term of the API and of Kubernetes"),
	comment(`anew`, "again, from scratch", "plain English"),
	comment(`judge[sd]`, "evaluates, checks", "the term of conditions and rules"),
	comment(`mend(s|ed|ing)?`, "fix", "one word"),
	comment(`(go|goes|went|going) on`, "continue", "one word"),
	comment(`for want of`, "for lack of, because … is missing", "plain English"),
	comment(`(in|out)side of`, "inside, outside", "plain English"),
	comment(`beside`, "next to, in addition to, compared with", "plain English"),
	comment(`stands (in|at|on|there|twice)`, "is in, is written to, appears", "text and values do not stand"),
	comment(`(tells|says) whether`, "reports whether", "the term of Go's own docs"),
	comment(`of an earlier release`, "of the previous release", "there was none before v0.1.0"),
	comment(`(is|are|was|were) told`, "is reported, is set, is known", "says who reports what to whom"),
	comment(`speaks? (of|for)`, "is about, is as of", "numbers do not speak"),
	comment(`as (it|they) stands?`, "unchanged, as it is", "text and values do not stand"),
	comment(`of ours`, "of Journeyman, our", "plain English"),
	comment(`(cannot|not to) be had`, "is not available", "plain English"),
	comment(`wants (it|its|the|no|each|every|all|nothing|nobody|a|an)`, "requires, expects", "a test requires"),
	comment(`holds? [^.:;,]{1,40} against`, "compares … with", "names the action"),
	comment(`takes? (it|them) up`, "picks it up, uses it", "names the action"),
}

// Names lists names that the API no longer has. Pages must not contain them in code either.
var Names = []Retired{
	name(`startedAt`, "startTime"),
	name(`completedAt`, "completionTime"),
	name(`maxBodyBytes`, "maxBodySize"),
	name(`storage\.className`, "storageClassName"),
	name(`status\.cut`, "status.truncated"),
	name(`underWay`, "inProgress"),
	name(`lastAttempt`, "lastRun"),
	name(`MetricsCurrent`, "AnalysisCurrent"),
	name(`stageByPlace`, "stageByPosition"),
	name(`monthlyDiscount`, "monthlyDiscountRate"),
	name(`spec\.drop`, "spec.dropFields"),
	name(`experiment\.level`, "experiment.confidenceLevel"),
	name(`share\.did`, "share.event"),
}

func retired(phrase, instead, why string) Retired {
	return Retired{regexp.MustCompile(`(?i)\b(?:` + phrase + `)\b`), instead, why}
}

// comment returns a phrase in lower case, because with a capital it can be a name in the code.
func comment(phrase, instead, why string) Retired {
	return Retired{regexp.MustCompile(`\b(?:` + phrase + `)\b`), instead, why}
}

func name(was, is string) Retired {
	return Retired{regexp.MustCompile(`\b` + was + `\b`), is, "the name before v0.1.0"}
}

// Page is Markdown, divided into the texts and the lines that people read.
type Page struct {
	Lines []Line
}

// Line is a line of a page with its number, from 1.
type Line struct {
	Number      int
	Text        string
	Code, Table bool
}

var (
	fence    = regexp.MustCompile("^ *(```+|~~~+)")
	item     = regexp.MustCompile(`^( *)([-*]|\d+\.) +`)
	codeSpan = regexp.MustCompile("`+[^`]*`+")
)

// Parse divides a page. Code is fenced, or indented by four columns more than the text before it.
func Parse(text string) Page {
	var page Page
	closing, indent, blank := "", 0, true
	for i, line := range strings.Split(text, "\n") {
		l := Line{Number: i + 1, Text: line}
		margin := len(line) - len(strings.TrimLeft(line, " "))
		mark := fence.FindStringSubmatch(line)
		switch {
		case closing != "":
			l.Code = true
			if mark != nil && strings.TrimSpace(line) == closing {
				closing = ""
			}
		case mark != nil:
			l.Code, closing = true, mark[1]
		case strings.HasPrefix(strings.TrimSpace(line), "|"):
			l.Table = true
		case strings.TrimSpace(line) == "":
		case blank && margin >= indent+4:
			l.Code = true
		case item.MatchString(line):
			indent = len(item.FindString(line))
		case margin == 0:
			indent = 0
		}
		blank = strings.TrimSpace(line) == "" || l.Code
		page.Lines = append(page.Lines, l)
	}
	return page
}

// Text is a paragraph, a list item, a heading or a row of a table, with the number of its first line.
type Text struct {
	Number int
	Text   string
}

// Texts joins the lines of each paragraph, so that a phrase is found across lines. It omits code and code spans.
func (p Page) Texts() []Text {
	var texts []Text
	open := false
	for _, l := range p.Lines {
		text := strings.TrimSpace(l.Text)
		if l.Code || text == "" {
			open = false
			continue
		}
		if open && !l.Table && !item.MatchString(l.Text) {
			texts[len(texts)-1].Text += " " + text
			continue
		}
		texts = append(texts, Text{l.Number, strings.TrimSpace(item.ReplaceAllString(l.Text, ""))})
		open = !l.Table && !strings.HasPrefix(text, "#")
	}
	for i := range texts {
		texts[i].Text = codeSpan.ReplaceAllString(texts[i].Text, "`…`")
	}
	return texts
}
