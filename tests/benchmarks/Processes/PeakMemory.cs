using System.Globalization;

namespace Broker.Benchmarks.Processes;

/// <summary>The most memory a process has had resident, as Linux counts it; 0 where there is no such count.</summary>
internal static class PeakMemory
{
    private const string Field = "VmHWM:";

    public static long OfThisProcess() => Of(Environment.ProcessId);

    /// <param name="processId">A process that still runs; one that has ended has 0.</param>
    public static long Of(int processId)
    {
        try
        {
            var line = File.ReadLines($"/proc/{processId}/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is null ? 0 : 1024 * long.Parse(line[Field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // The process has just ended, or this is no Linux.
            return 0;
        }
    }
}
