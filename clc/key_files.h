// The cloud's keys on disk.
#pragma once

#include <string>

#include "clc/domain/cloud_keys.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

// Reads STATE_DIR/keys/{signing,encryption,image}.{key,crt}, STATE_DIR/keys/secret and
// STATE_DIR/keys/masters; makes what
// is missing. Errc::corrupt, with the file's name, for a broken file and for an image certificate
// without its key. Blocking.
common::Result<CloudKeys> load_or_make_keys(const std::string& state_dir, common::Runtime& runtime);

}  // namespace angophora::clc
