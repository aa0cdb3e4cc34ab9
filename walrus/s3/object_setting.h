// What the operations on a part of one version share: tags, retention, legal hold.
#pragma once

#include <functional>

#include "walrus/s3/access.h"

namespace angophora::walrus {

// The version that the call names, for reading. No access list lets anybody do that: they are
// about content.
Task<Object> read_version(Services& services, S3Call& call);

// Finds it, lets `change` work on it inside of one transaction and hands back what it was before.
using ChangeVersion = std::function<Result<>(Tx&, const Bucket&, Object&)>;
Task<Object> change_version(Services& services, S3Call& call, ChangeVersion change);

}  // namespace angophora::walrus
