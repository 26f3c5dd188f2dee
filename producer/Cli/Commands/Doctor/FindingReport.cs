using System.Text.Json;
using Broker.Contracts;
using Broker.Diagnosis;
using Broker.Producer.Cli.Output;

namespace Broker.Producer.Cli.Commands.Doctor;

/// <summary>Writes one line a finding.</summary>
/// <param name="json">Whether as JSON.</param>
/// <param name="colour">Whether what is wrong stands out on a terminal.</param>
internal sealed class FindingReport(bool json, bool colour)
{
    /// <summary>How many findings were wrong.</summary>
    public int Wrong { get; private set; }

    public void Write(Finding finding)
    {
        if (finding.Verdict == Verdict.Wrong)
            Wrong++;
        var line = json ? Document(finding) : Line(finding);
        Console.Out.WriteLine(finding.Verdict == Verdict.Wrong && colour && !json && !Console.IsOutputRedirected ? $"\e[31m{line}\e[0m" : line);
    }

    internal static string Line(Finding finding) =>
        SafeText.Of($"{Word(finding.Verdict),-5}  {finding.Check}: {finding.What}{(finding.Fix is { } fix ? $": {fix}" : "")}");

    private static string Document(Finding finding) => JsonSerializer.Serialize(new { finding.Check, Verdict = Word(finding.Verdict), finding.What, finding.Fix }, PayloadJson.Options);

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "ok",
        Verdict.Wrong => "wrong",
        _ => "skip",
    };
}
