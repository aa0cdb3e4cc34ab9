// The machine that the program runs on.
#pragma once

#include <memory>

#include "common/runtime/runtime.h"
#include "doctor/machine.h"

namespace angophora::doctor {

// `runtime` outlives it.
std::unique_ptr<Machine> make_real_machine(common::Runtime& runtime);

}  // namespace angophora::doctor
