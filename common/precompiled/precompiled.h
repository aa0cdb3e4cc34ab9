// The headers that nearly every file of ours includes, compiled once for all of them where the
// option ANGOPHORA_PRECOMPILE is on. It saves about a quarter of a clean build and nothing else: a
// file includes what it uses, as if this one did not exist (the debug build goes without it).
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "common/runtime/runtime.h"
