include(GoogleTest)

add_custom_target(daemons)        # all programs that are installed
add_custom_target(unit_tests)     # all test programs of the unit ring
add_custom_target(ring_programs)  # what the rings sim, daemon, cloud and clients run beside the daemons
add_custom_target(fuzzers)        # all libFuzzer programs

# Lets `target` reuse one of the headers of common/precompiled.
function(angophora_reuse_precompiled target precompiled)
  if(ANGOPHORA_PRECOMPILE AND TARGET ${precompiled})
    target_precompile_headers(${target} REUSE_FROM ${precompiled})
  endif()
endfunction()

# A folder is one library and one test program. Sources are all *.cc of the folder, tests all
# *_test.cc, so that a new file needs no build edit; EXCLUDE names files that belong elsewhere
# (main.cc of a daemon).
#
# With ANGOPHORA_UNITY the library is compiled eight files at a time (docs/decisions/0026), so a name in a
# nameless namespace stands once in a folder.
#
#   angophora_module(common_base DEPS OpenSSL::Crypto TEST_DEPS angophora::common_testing)
function(angophora_module name)
  cmake_parse_arguments(PARSE_ARGV 1 M "" "" "EXCLUDE;DEPS;TEST_DEPS")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cc)
  file(GLOB fuzzers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_fuzz.cc)
  foreach(excluded ${M_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  list(REMOVE_ITEM sources ${tests} ${fuzzers})
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC angophora_flags ${M_DEPS})
    angophora_reuse_precompiled(${name} angophora_precompiled)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${ANGOPHORA_UNITY} UNITY_BUILD_BATCH_SIZE 8)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE angophora_flags ${M_DEPS})
  endif()
  add_library(angophora::${name} ALIAS ${name})
  # A libFuzzer program per *_fuzz.cc; the preset "fuzz" builds them with clang.
  if(ANGOPHORA_FUZZ)
    foreach(fuzzer ${fuzzers})
      cmake_path(GET fuzzer STEM fuzz_name)
      add_executable(${name}.${fuzz_name} EXCLUDE_FROM_ALL ${fuzzer})
      target_link_libraries(${name}.${fuzz_name} PRIVATE ${name})
      target_link_options(${name}.${fuzz_name} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${name}.${fuzz_name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
      add_dependencies(fuzzers ${name}.${fuzz_name})
    endforeach()
  endif()
  if(tests AND ANGOPHORA_TESTS)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${M_TEST_DEPS} GTest::gmock GTest::gtest_main)
    angophora_reuse_precompiled(${name}_test angophora_precompiled_test)
    add_dependencies(unit_tests ${name}_test)
    # One run of the whole program: a process per test costs more than most of the tests.
    add_test(NAME ${name}_test COMMAND ${name}_test --gtest_brief=1)
    set_tests_properties(${name}_test PROPERTIES LABELS unit TIMEOUT 300)
  endif()
endfunction()

# The program of a daemon: main.cc and what it links.
function(angophora_program name)
  cmake_parse_arguments(PARSE_ARGV 1 P "" "" "SOURCES;DEPS")
  add_executable(${name} ${P_SOURCES})
  target_link_libraries(${name} PRIVATE angophora_flags ${P_DEPS})
  add_dependencies(daemons ${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()
