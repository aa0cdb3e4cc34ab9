// What policies may ask of an S3 request: where it came from, how it was signed, what it names.
#pragma once

#include "common/policy/context.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

policy::Facts facts_of(const S3Call& call, common::SysTime now);

}  // namespace angophora::walrus
