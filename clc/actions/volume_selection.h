// Which volumes a request is about.
#pragma once

#include <vector>

#include "clc/actions/action.h"
#include "clc/domain/volume.h"

namespace angophora::clc {

// The caller's volumes (all accounts' when a cloud administrator says "verbose"), by id; only those
// in `ids` when it names any. VolumeErrc::malformed_id or not_found names what is wrong.
Task<std::vector<Volume>> select_volumes(Services& s, Caller caller, std::vector<VolumeId> ids);

// The same inside a transaction, for one volume that must be there.
Result<Volume> named_volume(Tx& tx, const Caller& caller, const VolumeId& id);

}  // namespace angophora::clc
