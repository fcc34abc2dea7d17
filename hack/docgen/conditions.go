// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const conditionsHead = "# Conditions and reasons\n\n" + notice +
	"The status of every object has conditions. A condition has a status (True, False or Unknown), a reason from the lists below,\n" +
	"and a message. `kubectl get` shows the most important conditions, `kubectl describe` shows all of them with their messages.\n\n" +
	"Conditions marked *abnormal-true* are bad when they are True. All others are bad when they are False.\n\n" +
	"When a condition changes, the operator records an Event with the same reason and message. Its type is Warning if the\n" +
	"condition became bad, so that somebody should act; otherwise it is Normal. A change from Unknown is recorded only if the\n" +
	"condition is bad, and a change to Unknown is never recorded. `Suspended` is Normal, because the spec asks for it.\n\n" +
	"Conditions marked *finding* are about what the numbers say of customers, or about the time that the numbers cover. Their\n" +
	"Events are always Normal: an installation whose customers leave is not broken. Alert on the condition, or on the\n" +
	"[metrics](metrics.md).\n"

// constant is a string constant with its comment.
type constant struct {
	name, value, doc string
}

// group is a block of constants with its comment.
type group struct {
	doc       string
	constants []constant
}

// readGroups returns the blocks of exported string constants of a Go file.
func readGroups(file string) ([]group, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	var groups []group
	for _, d := range parsed.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST || !decl.Lparen.IsValid() {
			continue
		}
		g := group{doc: plain(decl.Doc)}
		for _, s := range decl.Specs {
			c, err := readConstant(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
			g.constants = append(g.constants, c)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func readConstant(s ast.Spec) (constant, error) {
	spec, ok := s.(*ast.ValueSpec)
	if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
		return constant{}, fmt.Errorf("one constant a line, please: %v", s)
	}
	literal, ok := spec.Values[0].(*ast.BasicLit)
	if !ok {
		return constant{}, fmt.Errorf("%s is no literal", spec.Names[0].Name)
	}
	value, err := strconv.Unquote(literal.Value)
	if err != nil {
		return constant{}, fmt.Errorf("%s is no text: %w", spec.Names[0].Name, err)
	}
	return constant{name: spec.Names[0].Name, value: value, doc: plain(spec.Doc)}, nil
}

// plain returns the text of a comment in one line.
func plain(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// occasion is a status of a condition with which a reason is used.
type occasion struct{ condition, status string }

// reason with the text of its comment.
type reason struct {
	value, text string
	occasions   []occasion
}

var (
	reasonDoc  = regexp.MustCompile(`^(\w+) \(([^)]+)\): (.+)$`)
	occasionIn = regexp.MustCompile(`^(\w+)=(True|False|Unknown)$`)
)

// parseReason parses a comment such as "ReasonX (Ready=True): it works."
func parseReason(c constant) (reason, error) {
	m := reasonDoc.FindStringSubmatch(c.doc)
	if m == nil || m[1] != c.name || c.name != "Reason"+c.value {
		return reason{}, fmt.Errorf("%s: the comment has to read %q, and the value has to be the name without Reason", c.name, c.name+" (Condition=Status): text")
	}
	r := reason{value: c.value, text: upperFirst(m[3])}
	for _, part := range strings.Split(m[2], ",") {
		o := occasionIn.FindStringSubmatch(strings.TrimSpace(part))
		if o == nil {
			return reason{}, fmt.Errorf("%s: %q is not Condition=Status", c.name, part)
		}
		r.occasions = append(r.occasions, occasion{condition: o[1], status: o[2]})
	}
	return r, nil
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// conditionsPage returns the page of all conditions with their reasons.
func conditionsPage(dir string) (string, error) {
	groups, err := readGroups(filepath.Join(dir, "conditions.go"))
	if err != nil {
		return "", err
	}
	reasons, err := readReasons(filepath.Join(dir, "reasons.go"))
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(conditionsHead)
	known := map[string]bool{}
	for _, g := range groups {
		head, rest, _ := strings.Cut(g.doc, ".")
		fmt.Fprintf(&b, "\n## %s\n", strings.TrimSpace(head))
		if rest = strings.TrimSpace(rest); rest != "" {
			fmt.Fprintf(&b, "\n%s\n", rest)
		}
		for _, c := range g.constants {
			known[c.value] = true
			if err := writeCondition(&b, c, reasons); err != nil {
				return "", err
			}
		}
	}
	for _, r := range reasons {
		for _, o := range r.occasions {
			if !known[o.condition] {
				return "", fmt.Errorf("the reason %s names the condition %s, which does not exist", r.value, o.condition)
			}
		}
	}
	return b.String(), nil
}

func readReasons(file string) ([]reason, error) {
	groups, err := readGroups(file)
	if err != nil {
		return nil, err
	}
	var reasons []reason
	for _, g := range groups {
		for _, c := range g.constants {
			r, err := parseReason(c)
			if err != nil {
				return nil, err
			}
			reasons = append(reasons, r)
		}
	}
	return reasons, nil
}

// writeCondition writes a section with the reasons of each status.
func writeCondition(b *strings.Builder, c constant, reasons []reason) error {
	text := strings.TrimPrefix(strings.TrimPrefix(c.doc, c.name+" "), "is ")
	mark := ""
	for _, m := range []string{" (abnormal-true)", " (finding)"} {
		if strings.Contains(text, m) {
			text = strings.ReplaceAll(text, m, "")
			mark += " *" + strings.TrimSpace(m) + "*"
		}
	}
	fmt.Fprintf(b, "\n### %s%s\n\n%s\n\n| status | reason | meaning |\n|---|---|---|\n", c.value, mark, upperFirst(text))
	rows := 0
	for _, status := range []string{"True", "False", "Unknown"} {
		for _, r := range reasons {
			if slices.Contains(r.occasions, occasion{condition: c.value, status: status}) {
				fmt.Fprintf(b, "| %s | `%s` | %s |\n", status, r.value, r.text)
				rows++
			}
		}
	}
	if rows == 0 {
		return fmt.Errorf("no reason names the condition %s", c.value)
	}
	return nil
}
