// What instances can be filtered by.
#pragma once

#include <span>

#include "clc/actions/filters.h"
#include "clc/domain/instance.h"

namespace angophora::clc {

std::span<const FilterField<Instance>> instance_filters();

}  // namespace angophora::clc
