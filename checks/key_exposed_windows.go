package checks

import (
	"io/fs"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// everybodys are the groups that any user of a machine, or any passer-by, is
// in.
var everybodys = []windows.WELL_KNOWN_SID_TYPE{
	windows.WinWorldSid, windows.WinAuthenticatedUserSid, windows.WinBuiltinUsersSid, windows.WinBuiltinGuestsSid,
	windows.WinInteractiveSid, windows.WinAnonymousSid,
}

// exposed says who may read a file beside its owner, by its access control
// list: "" if nobody that can be seen. What forbids is left out of account: a
// key that needs it is open to too many.
func exposed(path string, _ fs.FileInfo) string {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return ""
	}
	acl, _, err := sd.DACL()
	if err != nil {
		return ""
	}
	if acl == nil {
		return "everybody (it has no access control list)"
	}
	for i := range uint32(acl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if windows.GetAce(acl, i, &ace) != nil || ace.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE {
			continue
		}
		const reading = windows.FILE_READ_DATA | windows.GENERIC_READ | windows.GENERIC_ALL
		if ace.Mask&reading == 0 {
			continue
		}
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
		if slices.ContainsFunc(everybodys, sid.IsWellKnown) {
			if account, _, _, err := sid.LookupAccount(""); err == nil {
				return "the group " + account
			}
			return "the group " + sid.String()
		}
	}
	return ""
}
