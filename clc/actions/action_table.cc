#include "clc/actions/action_table.h"

namespace angophora::clc {
namespace actions {
#define ACTION(file, name)  \
  namespace file {          \
  extern const Action name; \
  }
#include "clc/actions/actions.inc"
#undef ACTION
}  // namespace actions

namespace {
const Action* const kActions[] = {
#define ACTION(file, name) &actions::file::name,
#include "clc/actions/actions.inc"
#undef ACTION
};
}  // namespace

std::span<const Action* const> all_actions() { return kActions; }

const Action* find_action(Api api, std::string_view name) {
  for (const auto* action : kActions)
    if (action->api == api && action->name == name) return action;
  return nullptr;
}

const Action* find_action(std::string_view name) {
  for (const auto* action : kActions)
    if (action->name == name) return action;
  return nullptr;
}

}  // namespace angophora::clc
