# mailhealth_binding_test(NAME COMMAND...) - a test that loads the library into somebody else's
# program.  That program was not built with sanitizers, so with MAILHEALTH_SANITIZE their runtime
# is loaded before it; leaks are left out, since an interpreter is full of them.
function(mailhealth_binding_test name)
	set(environment MAILHEALTH_LIBRARY=$<TARGET_FILE:mailhealth> PYTHONDONTWRITEBYTECODE=1)
	if("address" IN_LIST MAILHEALTH_SANITIZE)
		set(runtime asan)
	elseif("thread" IN_LIST MAILHEALTH_SANITIZE)
		set(runtime tsan)
	elseif("undefined" IN_LIST MAILHEALTH_SANITIZE)
		set(runtime ubsan)
	endif()
	if(runtime)
		if(CMAKE_C_COMPILER_ID MATCHES Clang)
			string(REPLACE ubsan ubsan_standalone runtime ${runtime})
			set(runtime libclang_rt.${runtime}-${CMAKE_SYSTEM_PROCESSOR}.so)
		else()
			set(runtime lib${runtime}.so)
		endif()
		execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=${runtime}
			OUTPUT_VARIABLE runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
		# Some cannot be loaded so at all, such as clang 14's for threads.
		execute_process(COMMAND ${CMAKE_COMMAND} -E env LD_PRELOAD=${runtime} ASAN_OPTIONS=detect_leaks=0
			${CMAKE_COMMAND} -E true RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
		if(NOT result EQUAL 0)
			message(STATUS "Test ${name}: ${runtime} cannot be preloaded, so it is left out")
			return()
		endif()
		list(APPEND environment LD_PRELOAD=${runtime} ASAN_OPTIONS=detect_leaks=0)
	endif()
	add_test(NAME ${name} COMMAND ${ARGN})
	set_tests_properties(${name} PROPERTIES LABELS bindings TIMEOUT 300 ENVIRONMENT "${environment}")
endfunction()

# Conformance cases of every suite that the library covers: our own always, others' where they are.
set(conformance_cases ${PROJECT_SOURCE_DIR}/tests/conformance/own/spf.jsonl
	${PROJECT_SOURCE_DIR}/tests/conformance/own/mta-sts.jsonl)
foreach(suite IN ITEMS spf-rfc7208 spf-rspamd spf-rfc4408 mta-sts dane-openssl)
	if(EXISTS ${MAILHEALTH_SHARED}/suites/${suite}/cases.jsonl)
		list(APPEND conformance_cases ${MAILHEALTH_SHARED}/suites/${suite}/cases.jsonl)
	endif()
endforeach()
foreach(suite IN ITEMS psl dmarc-mox dmarc-mailauth dmarc-opendmarc checkdmarc tlsrpt dkim-keys)
	file(GLOB files CONFIGURE_DEPENDS ${MAILHEALTH_SHARED}/suites/${suite}/*.jsonl)
	list(APPEND conformance_cases ${files})
endforeach()

# The Python interpreter itself, where a shell script of that name stands before it.
find_package(Python3 COMPONENTS Interpreter QUIET)
if(Python3_FOUND)
	execute_process(COMMAND ${Python3_EXECUTABLE} -c "import sys; print(sys.executable)"
		OUTPUT_VARIABLE interpreter OUTPUT_STRIP_TRAILING_WHITESPACE)
endif()
