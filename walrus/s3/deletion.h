// Deleting an object or one of its versions, for all that delete. For use inside of a transaction.
#pragma once

#include "walrus/domain/conditions.h"
#include "walrus/s3/operation.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {

struct Deletion {
  std::string key;
  std::string version;  // "": the newest, which a delete marker hides where versioning is on
  DeleteConditions conditions;
  bool bypasses_governance = false;
  std::string new_id;  // of a delete marker
  std::string owner;   // of a delete marker: canonical id
  common::SysTime now{};
};
struct Deleted {
  bool delete_marker = false;  // one was made, or it was one that went
  std::string version;         // that was made or went; "" without versions
};

// Whether `object` must stay, S3Errc::access_denied.
Result<> check_unlocked(const Object& object, bool bypasses_governance, common::SysTime now);

// What is not there counts as deleted. S3Errc::precondition_failed, access_denied (locked).
Result<Deleted> remove_object(Tx& tx, const Bucket& bucket, const Deletion& deletion,
                              FreedBlobs& freed);

// Whether the request says that it bypasses governance; who may is another question
// (s3:BypassGovernanceRetention).
bool wants_bypass(const S3Call& call);

}  // namespace angophora::walrus
