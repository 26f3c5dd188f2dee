using System.Globalization;

namespace Broker.Hosting.Execution;

/// <summary>
/// What an <see cref="OutOfMemoryException"/> says of the process. A single item that is too large leaves it as it was. But where memory is kept, as by a handler that leaks, each further job
/// fails for want of it, and quickly: such a process would soon have failed all that waits.
/// </summary>
internal static class MemoryShortage
{
    private const double MiB = 1024 * 1024;

    /// <summary>Why the process is no longer fit to run jobs: a collection leaves it less than half of the memory that it may use. Null where it is fit.</summary>
    public static string? Lasting()
    {
        GC.Collect();
        var (used, limit) = (GC.GetTotalMemory(forceFullCollection: false), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return used > limit / 2 ? string.Create(CultureInfo.InvariantCulture, $"memory is short, {used / MiB:0} of {limit / MiB:0} MiB are used") : null;
    }
}
