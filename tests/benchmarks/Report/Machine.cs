using System.Runtime.InteropServices;

namespace Broker.Benchmarks.Report;

/// <summary>The machine of the measurements.</summary>
internal sealed record Machine(int Cores, string Processor, string System, string Runtime, string RabbitMq)
{
    public static Machine Here(string rabbitMq) =>
        new(Environment.ProcessorCount, ProcessorModel(), RuntimeInformation.OSDescription, RuntimeInformation.FrameworkDescription, rabbitMq);

    public override string ToString() => $"{Cores} cores ({Processor}), {System}, {Runtime}, RabbitMQ {RabbitMq}";

    private static string ProcessorModel()
    {
        const string Path = "/proc/cpuinfo";
        var line = File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
