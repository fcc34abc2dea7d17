// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package argo computes the health of objects like Argo CD, with the scripts and rules of config/argocd. Argo CD itself cannot be built from Go
// modules.
package argo

import (
	"fmt"

	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kstatus "sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

// Health of an object, as Argo CD names it.
const (
	Healthy     = "Healthy"
	Progressing = "Progressing"
	Degraded    = "Degraded"
	Suspended   = "Suspended"
)

// Health runs a script on an object. Like Argo CD, it gives the script a part of Lua without files, strings and clock.
func Health(script string, o *unstructured.Unstructured) (status, message string, err error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for name, open := range map[string]lua.LGFunction{lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return "", "", err
		}
	}
	state.SetGlobal("obj", value(state, o.Object))
	if err := state.DoString(script); err != nil {
		return "", "", err
	}
	result, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return "", "", fmt.Errorf("the script gives %s, no table", state.Get(-1).Type())
	}
	return result.RawGetString("status").String(), result.RawGetString("message").String(), nil
}

// value converts a value of a document to Lua.
func value(state *lua.LState, v any) lua.LValue {
	switch v := v.(type) {
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	case string:
		return lua.LString(v)
	case []any:
		list := state.NewTable()
		for _, e := range v {
			list.Append(value(state, e))
		}
		return list
	case map[string]any:
		table := state.NewTable()
		for key, e := range v {
			table.RawSetString(key, value(state, e))
		}
		return table
	}
	return lua.LNil
}

// Expected returns the health that agrees with kstatus, which Flux and kubectl use. kstatus has no Suspended; a suspended object is Current.
func Expected(o *unstructured.Unstructured) (string, error) {
	result, err := kstatus.Compute(o)
	if err != nil {
		return "", err
	}
	switch result.Status {
	case kstatus.CurrentStatus:
		if suspended(o) {
			return Suspended, nil
		}
		return Healthy, nil
	case kstatus.FailedStatus:
		return Degraded, nil
	default:
		return Progressing, nil
	}
}

func suspended(o *unstructured.Unstructured) bool {
	source, _, _ := unstructured.NestedBool(o.Object, "spec", "suspend")
	analysis, _, _ := unstructured.NestedBool(o.Object, "spec", "analysis", "suspend")
	return source || analysis
}
