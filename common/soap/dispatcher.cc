#include "common/soap/dispatcher.h"

#include <algorithm>
#include <stdexcept>

#include "common/soap/fault.h"

namespace angophora::soap {

void Dispatcher::add(const Operation& operation, std::vector<Role> may_call, Run run) {
  Entry entry{&operation, std::move(may_call), std::move(run)};
  const bool added = entries_.emplace(std::string(operation.action), std::move(entry)).second;
  if (!added) throw std::logic_error(std::string(operation.action) + " is served twice");
}

const Operation* Dispatcher::find(std::string_view action) const {
  const auto found = entries_.find(action);
  return found == entries_.end() ? nullptr : found->second.operation;
}

bool Dispatcher::allows(std::string_view action, Role role) const {
  const auto found = entries_.find(action);
  if (found == entries_.end()) return false;
  const auto& roles = found->second.may_call;
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

Task<Message> Dispatcher::deliver(const Operation& operation, Caller caller, Message request) {
  const auto found = entries_.find(operation.action);
  if (found == entries_.end())
    co_return Error(SoapErrc::unknown_operation,
                    std::string(operation.action) + " is not served here");
  if (!allows(operation.action, caller.role))
    co_return Error(SoapErrc::role_refused, caller.name.value + ", a " +
                                                std::string(to_string(caller.role)) +
                                                ", may not call " + std::string(operation.action));
  CO_TRY(auto reply, co_await found->second.run(std::move(caller), std::move(request)));
  co_return std::move(reply);
}

std::vector<const Operation*> Dispatcher::served() const {
  std::vector<const Operation*> all;
  for (const auto& [action, entry] : entries_) all.push_back(entry.operation);
  return all;
}

}  // namespace angophora::soap
