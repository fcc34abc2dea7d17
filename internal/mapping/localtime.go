// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"strings"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"

	"github.com/journeyman-dev/journeyman/internal/value"
)

// localTime is the function that reads a time without a zone in a given zone: localTime(text, zone), and localTime(text, layout, zone) for texts that
// are not in ISO 8601 form. A layout is the time Mon Jan 2 15:04:05 2006 in the form of the text.
const localTime = "localTime"

// localTimeCost is the cost of a call in addition to its texts: two conversions between the zone and UTC, and for an unknown zone a disk access.
const localTimeCost = 100

// maxLocalTime is the length of texts and layouts.
const maxLocalTime = 64

func localTimes() []cel.EnvOption {
	return []cel.EnvOption{
		cel.Function(localTime,
			cel.Overload("local_time_zone", []*cel.Type{cel.StringType, cel.StringType}, cel.TimestampType,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return readLocal(args) })),
			cel.Overload("local_time_layout_zone", []*cel.Type{cel.StringType, cel.StringType, cel.StringType}, cel.TimestampType,
				cel.FunctionBinding(func(args ...ref.Val) ref.Val { return readLocal(args) }))),
		cel.ASTValidators(localTimeValidator{}),
	}
}

func readLocal(args []ref.Val) ref.Val {
	texts := make([]string, 0, len(args))
	for _, a := range args {
		s, ok := a.(types.String)
		if !ok {
			return types.MaybeNoSuchOverloadErr(a)
		}
		texts = append(texts, string(s))
	}
	zone, err := zoneOf(texts[len(texts)-1])
	if err != nil {
		return types.WrapErr(&functionError{localTime, "the zone", err})
	}
	t, err := value.ReadTime(texts[0])
	if len(texts) == 3 {
		t, err = laidOut(texts[0], texts[1])
	}
	if err != nil {
		return types.WrapErr(&functionError{localTime, "the time", err})
	}
	at, _, err := t.In(zone)
	if err != nil {
		return types.WrapErr(&functionError{localTime, "the time", err})
	}
	return types.Timestamp{Time: at}
}

// laidOut parses a text by a layout.
func laidOut(text, layout string) (t value.TimeText, err error) {
	if !saysTime(layout) || len(text) > maxLocalTime {
		return t, errLayout
	}
	at, err := time.Parse(layout, strings.TrimSpace(text))
	if err != nil {
		return t, errNotLaidOut
	}
	return value.TimeText{At: at, Zone: strings.Contains(layout, "Z07") || strings.Contains(layout, "-07"), Clock: tells(layout, time.Hour)}, nil
}

type plainError string

func (e plainError) Error() string { return string(e) }

const (
	errLayout = plainError("has no valid layout: write the time Mon Jan 2 15:04:05 2006 in the form of the text, such as 02.01.2006 15:04, without letters " +
		"for a zone")
	errNotLaidOut = plainError("does not match its layout")
)

// saysTime reports whether a layout has the parts of a date. Zone abbreviations mean different zones in different countries.
func saysTime(layout string) bool {
	return len(layout) <= maxLocalTime && !strings.Contains(layout, "MST") && tells(layout, 24*time.Hour) && tells(layout, 31*24*time.Hour) &&
		tells(layout, 366*24*time.Hour)
}

// tells reports whether times that differ by apart look different in a layout.
func tells(layout string, apart time.Duration) bool {
	at := time.Date(2006, time.January, 2, 3, 4, 5, 0, time.UTC)
	return at.Format(layout) != at.Add(apart).Format(layout)
}

// zones caches the zones that were used: there are some hundreds, and loading one reads a file.
var zones sync.Map

func zoneOf(name string) (*time.Location, error) {
	if z, ok := zones.Load(name); ok {
		return z.(*time.Location), nil
	}
	z, err := value.Zone(name)
	if err == nil {
		zones.Store(strings.Clone(name), z)
	}
	return z, err
}

// localTimeValidator checks the constant zones and layouts in an expression.
type localTimeValidator struct{}

// Name implements cel.ASTValidator.
func (localTimeValidator) Name() string { return "journeyman.localTime" }

// Validate implements cel.ASTValidator.
func (localTimeValidator) Validate(_ *cel.Env, _ cel.ValidatorConfig, a *ast.AST, issues *cel.Issues) {
	ast.PreOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != localTime {
			return
		}
		args := e.AsCall().Args()
		if name, ok := writtenText(args[len(args)-1]); ok {
			if _, err := zoneOf(name); err != nil {
				issues.ReportErrorAtID(args[len(args)-1].ID(), "%q %v", name, err)
			}
		}
		if layout, ok := writtenText(args[1]); ok && len(args) == 3 && !saysTime(layout) {
			issues.ReportErrorAtID(args[1].ID(), "localTime %v", errLayout)
		}
	}))
}

// writtenText returns a constant text in an expression.
func writtenText(e ast.Expr) (string, bool) {
	if e.Kind() != ast.LiteralKind {
		return "", false
	}
	s, ok := e.AsLiteral().(types.String)
	return string(s), ok
}
