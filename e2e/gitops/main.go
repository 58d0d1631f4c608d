// Says what Argo CD and Flux make of objects: gitops-health DEPLOY_GITOPS <objects, one JSON object a line. For each it
// writes a line with the verdict of the health check in Lua, of kstatus, and of the health check expressions in CEL.
// Before that it reads the files for Flux as strictly as its API server would.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Verdicts of one object.
type verdicts struct {
	Argo    health `json:"argo"`
	Lua     health `json:"lua"`
	Kstatus health `json:"kstatus"`
	Cel     string `json:"cel"`
}

type health struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func main() {
	if len(os.Args) != 2 {
		fail(fmt.Errorf("usage: gitops-health DEPLOY_GITOPS <objects"))
	}
	evaluators, err := readFlux(filepath.Join(os.Args[1], "flux"))
	fail(err)
	scripts := filepath.Join(os.Args[1], "argocd", "resource_customizations")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 8<<20)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		object := &unstructured.Unstructured{}
		fail(object.UnmarshalJSON(lines.Bytes()))
		all, err := judge(object, scripts, evaluators)
		fail(err)
		fail(out.Encode(all))
	}
	fail(lines.Err())
}

func judge(object *unstructured.Unstructured, scripts string, flux evaluators) (*verdicts, error) {
	kind := object.GroupVersionKind()
	script, err := os.ReadFile(filepath.Join(scripts, kind.Group, kind.Kind, "health.lua"))
	if err != nil {
		return nil, err
	}
	lua, err := runLua(object, string(script))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", kind.Kind, object.GetName(), err)
	}
	argo := lua
	if object.GetDeletionTimestamp() != nil {
		// gitops-engine, pkg/health: it asks no script of an object that is being deleted
		argo = health{Status: "Progressing", Message: "Pending deletion"}
	}
	computed, err := status.Compute(object)
	if err != nil {
		return nil, err
	}
	all := &verdicts{Argo: argo, Lua: lua, Kstatus: health{computed.Status.String(), computed.Message}}
	if evaluator, ok := flux[kind.GroupKind()]; ok {
		result, err := evaluator.Evaluate(context.Background(), object)
		if err != nil {
			// Flux looks again at its next poll
			all.Cel = "Error"
			return all, nil
		}
		all.Cel = result.Status.String()
	}
	return all, nil
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "gitops-health:", err)
		os.Exit(1)
	}
}
