// Which instances a request is about.
#pragma once

#include <functional>
#include <vector>

#include "clc/actions/action.h"
#include "clc/actions/paging.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

// euca2ools' administrators send this in place of an id: the instances of all accounts.
inline constexpr char kVerbose[] = "verbose";

// Which of the caller's instances are wanted.
struct InstanceChoice {
  std::vector<InstanceId> ids;                     // when it names any, only those
  std::function<bool(const Instance&)> matches{};  // called on a reader's thread; null: all
  PageStart page{};
};

// The caller's instances with their volumes (all accounts' when a cloud administrator says
// "verbose"), by id and without user data, from the page's start on: at least one more than the
// page takes, if there is one, for cut_page(). InstanceErrc::malformed_id or not_found names the
// ids that are wrong.
Task<std::vector<Instance>> select_instances(Services& s, Caller caller, InstanceChoice choice);

// The same inside a transaction, for requests that need ids; at least one must be given.
Result<std::vector<Instance>> named_instances(Tx& tx, const Caller& caller,
                                              const std::vector<InstanceId>& ids);

Error no_such_instances(const std::vector<InstanceId>& ids);

}  // namespace angophora::clc
