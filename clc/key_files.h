// The cloud's keys on disk.
#pragma once

#include <string>

#include "clc/domain/cloud_keys.h"
#include "common/runtime/runtime.h"

namespace angophora::clc {

// Reads STATE_DIR/keys/{signing,encryption,image}.{key,crt} and STATE_DIR/keys/secret; makes what
// is missing. An image key without its certificate, or the other way round, is Errc::corrupt: one
// made anew would open no image. Blocking.
common::Result<CloudKeys> load_or_make_keys(const std::string& state_dir, common::Runtime& runtime);

}  // namespace angophora::clc
