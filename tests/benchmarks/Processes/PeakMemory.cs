using System.Globalization;

namespace Broker.Benchmarks.Processes;

/// <summary>Peak resident memory of a process, as Linux reports it; 0 on other systems.</summary>
internal static class PeakMemory
{
    private const string Field = "VmHWM:";

    public static long OfThisProcess() => Of(Environment.ProcessId);

    /// <param name="processId">A running process; for one that has ended the result is 0.</param>
    public static long Of(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The process has just ended, or this is not Linux.
            return 0;
        }
    }
}
