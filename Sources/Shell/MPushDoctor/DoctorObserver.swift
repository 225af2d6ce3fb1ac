/// Who hears how the walk goes. Called on its event loop.
package protocol DoctorObserver: AnyObject {
    /// A step begins.
    func stepBegan(_ step: DoctorStep)
    /// A step has ended.
    func stepEnded(_ report: StepReport)
    /// The walk is over, with an exit status of sysexits.h(3); 0 where all is good. The last call.
    func walkEnded(_ status: CInt)
}
