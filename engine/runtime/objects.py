"""Camunda's `execution` and `task`, as far as models use them: what scripts find of the activity and of the user task they run in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from engine.expressions.exposed import Exposed, names
from engine.expressions.typed import Typed
from engine.runtime.tasks import TaskInHand, moment

if TYPE_CHECKING:
    from engine.runtime.functions import Setting

_VARIABLES = names(
    "getVariable setVariable hasVariable removeVariable getVariables setVariables removeVariables hasVariables getVariableNames "
    "getVariableLocal setVariableLocal hasVariableLocal removeVariableLocal getVariablesLocal setVariablesLocal removeVariablesLocal "
    "hasVariablesLocal getVariableNamesLocal setTransientVariable setVariableLocalTransient getProcessInstanceId getProcessDefinitionId "
    "getVariableTyped getVariableLocalTyped getEventName getTenantId"
)


class _Scope(Exposed):
    """The variables that both objects give. `_local` is the scope that is meant where a method says local."""

    def __init__(self, setting: Setting, local: str):
        self._at, self._local = setting, local

    def getVariables(self) -> dict[str, Any]:
        seen = self._at.scopes.visible(self._at.scope)
        return {name: value for name, value in seen.items() if not name.startswith("(")}

    def getVariable(self, name: str) -> Any:
        return self.getVariables().get(name)

    def getVariableTyped(self, name: str) -> Typed:
        return Typed(self.getVariable(name), lasting=True)

    def getVariableNames(self) -> list[str]:
        return list(self.getVariables())

    def hasVariable(self, name: str) -> bool:
        return self._at.scopes.owner(self._at.scope, name) is not None

    def hasVariables(self) -> bool:
        return bool(self.getVariables())

    def setVariable(self, name: str, value: Any) -> None:
        self._at.scopes.assign(self._at.scope, name, value)

    def setVariables(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.setVariable(name, value)

    def setTransientVariable(self, name: str, value: Any) -> None:
        self._at.scopes.assign(self._at.scope, name, value, transient=True)

    def removeVariable(self, name: str) -> None:
        owner = self._at.scopes.owner(self._at.scope, name)
        if owner is not None:
            self._at.scopes.remove(owner, name)

    def removeVariables(self, which: Collection[str] | None = None) -> None:
        for name in list(self.getVariables() if which is None else which):
            self.removeVariable(name)

    def getVariablesLocal(self) -> dict[str, Any]:
        return {name: value for name, value in self._at.scopes.local(self._local).items() if not name.startswith("(")}

    def getVariableLocal(self, name: str) -> Any:
        return self.getVariablesLocal().get(name)

    def getVariableLocalTyped(self, name: str) -> Typed:
        return Typed(self.getVariableLocal(name), lasting=True)

    def getVariableNamesLocal(self) -> list[str]:
        return list(self.getVariablesLocal())

    def hasVariableLocal(self, name: str) -> bool:
        return name in self.getVariablesLocal()

    def hasVariablesLocal(self) -> bool:
        return bool(self.getVariablesLocal())

    def setVariableLocal(self, name: str, value: Any) -> None:
        self._at.scopes.assign_local(self._local, name, value)

    def setVariablesLocal(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self.setVariableLocal(name, value)

    def setVariableLocalTransient(self, name: str, value: Any) -> None:
        self._at.scopes.assign_local(self._local, name, value, transient=True)

    def removeVariableLocal(self, name: str) -> None:
        if self.hasVariableLocal(name):
            self._at.scopes.remove(self._local, name)

    def removeVariablesLocal(self, which: Collection[str] | None = None) -> None:
        for name in list(self.getVariablesLocal() if which is None else which):
            self.removeVariableLocal(name)

    def getProcessInstanceId(self) -> str:
        return self._at.instance_id

    def getProcessDefinitionId(self) -> str:
        return self._at.definition_id

    def getEventName(self) -> str | None:
        return self._at.event

    def getTenantId(self) -> None:
        return None


class Execution(_Scope):
    """Camunda's `execution`."""

    called: ClassVar[str] = "execution"
    exposed: ClassVar[frozenset[str]] = _VARIABLES | names(
        "getId getActivityInstanceId getParentId getParentActivityInstanceId getRootProcessInstanceId getProcessBusinessKey "
        "getBusinessKey getCurrentActivityId getCurrentActivityName getCurrentTransitionId getProcessInstance isCanceled"
    )

    def __init__(self, setting: Setting):
        super().__init__(setting, setting.local or setting.scope)

    getId = _Scope.getProcessInstanceId

    def getActivityInstanceId(self) -> str:
        return self._at.scope

    def getParentId(self) -> str | None:
        return None if self._local == self._at.instance_id else self._at.instance_id

    def getParentActivityInstanceId(self) -> str:
        return next((scope for scope in self._at.scopes.chain(self._at.scope) if scope != self._at.scope), self._at.instance_id)

    def getProcessInstance(self) -> Execution:
        return Execution(replace(self._at, scope=self._at.instance_id, local=self._at.instance_id))

    def isCanceled(self) -> bool:
        return self._at.canceled

    def getRootProcessInstanceId(self) -> str:
        return self._at.root_instance_id

    def getProcessBusinessKey(self) -> str | None:
        return self._at.business_key

    getBusinessKey = getProcessBusinessKey

    def getCurrentActivityId(self) -> str:
        return self._at.element_id

    def getCurrentActivityName(self) -> str:
        return self._at.element_name

    def getCurrentTransitionId(self) -> str | None:
        return self._at.flow_id


class DelegateTask(_Scope):
    """Camunda's `task`: the user task that a listener is about. What is local to it is the task's own."""

    called: ClassVar[str] = "task"
    exposed: ClassVar[frozenset[str]] = _VARIABLES | names(
        "getId getName setName getTaskDefinitionKey getExecutionId getExecution getCreateTime getAssignee setAssignee "
        "getPriority setPriority getDueDate setDueDate getFollowUpDate setFollowUpDate addCandidateUser addCandidateUsers "
        "addCandidateGroup addCandidateGroups deleteCandidateUser deleteCandidateGroup getCandidateUsers getCandidateGroups"
    )

    def __init__(self, setting: Setting, found: Callable[[], TaskInHand]):
        super().__init__(setting, setting.scope)
        self._found = found

    def getId(self) -> str:
        return self._found().task.id

    def getName(self) -> str:
        return self._found().task.name

    def setName(self, name: str) -> None:
        self._found().change(name=str(name))

    def getTaskDefinitionKey(self) -> str:
        return self._at.element_id

    getExecutionId = _Scope.getProcessInstanceId

    def getExecution(self) -> Execution:
        return Execution(self._at)

    def getCreateTime(self) -> datetime:
        return self._found().task.created_at

    def getAssignee(self) -> str | None:
        return self._found().task.assignee

    def setAssignee(self, person: Any) -> None:
        self._found().change(assignee=str(person) if person not in (None, "") else None)

    def getPriority(self) -> int | None:
        return self._found().task.priority

    def setPriority(self, priority: Any) -> None:
        self._found().change(priority=int(priority))

    def getDueDate(self) -> datetime | None:
        return self._found().task.due_at

    def setDueDate(self, due: Any) -> None:
        self._found().change(due_at=moment(due))

    def getFollowUpDate(self) -> datetime | None:
        return self._found().task.follow_up_at

    def setFollowUpDate(self, due: Any) -> None:
        self._found().change(follow_up_at=moment(due))

    def getCandidateUsers(self) -> list[str]:
        return list(self._found().task.candidate_users)

    def addCandidateUsers(self, people: Collection[Any]) -> None:
        self._found().change(candidate_users=_with(self.getCandidateUsers(), people))

    def addCandidateUser(self, person: Any) -> None:
        self.addCandidateUsers([person])

    def deleteCandidateUser(self, person: Any) -> None:
        self._found().change(candidate_users=[one for one in self.getCandidateUsers() if one != str(person)])

    def getCandidateGroups(self) -> list[str]:
        return list(self._found().task.candidate_groups)

    def addCandidateGroups(self, groups: Collection[Any]) -> None:
        self._found().change(candidate_groups=_with(self.getCandidateGroups(), groups))

    def addCandidateGroup(self, group: Any) -> None:
        self.addCandidateGroups([group])

    def deleteCandidateGroup(self, group: Any) -> None:
        self._found().change(candidate_groups=[one for one in self.getCandidateGroups() if one != str(group)])


def _with(there: list[str], more: Collection[Any]) -> list[str]:
    return list(dict.fromkeys([*there, *map(str, more)]))
