// Which instances a request is about.
#pragma once

#include <vector>

#include "clc/actions/action.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

// euca2ools' administrators send this in place of an id: the instances of all accounts.
inline constexpr char kVerbose[] = "verbose";

// The caller's instances with their volumes (all accounts' when a cloud administrator says
// "verbose"), by id; only those in `ids` when it names any. InstanceErrc::malformed_id or not_found
// names the first id that is wrong.
Task<std::vector<Instance>> select_instances(Services& s, Caller caller,
                                             std::vector<InstanceId> ids);

// The same inside a transaction, for requests that need ids; at least one must be given.
Result<std::vector<Instance>> named_instances(Tx& tx, const Caller& caller,
                                              const std::vector<InstanceId>& ids);

Error no_such_instances(const std::vector<InstanceId>& ids);

}  // namespace angophora::clc
