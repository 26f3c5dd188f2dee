using System.Reflection;
using System.Runtime.Loader;
using Broker.Configuration;

namespace Broker.Consumer.Execution;

/// <summary>
/// Checks what a handler DLL and its dependencies use of the shared assemblies: whether ours has it, where they were compiled against a newer
/// one, and whether its types are the same, where the DLL has a newer framework assembly alone. Left alone, that would be a MissingMethodException
/// of a running job.
/// </summary>
internal static class SharedUses
{
    /// <exception cref="InvalidConfigurationException">Something is used that ours does not have.</exception>
    public static void Check(AssemblyLoadContext context, string dll, ReferenceWalk walk)
    {
        // Two calls of a signature differ only by an assembly that both sides have in another version.
        IEnumerable<string> suspects = walk.BringsNewerFramework ? [dll, .. walk.Own.Values] : walk.AgainstNewer;
        foreach (var file in suspects)
        {
            var module = context.LoadFromAssemblyPath(file).ManifestModule;
            foreach (var token in AssemblyFile.UsesOf(file, DependencyPlaces.IsShared))
                Resolve(module, token, file);
        }
    }

    private static void Resolve(Module module, int token, string file)
    {
        try
        {
            module.ResolveMember(token);
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException or FileNotFoundException)
        {
            throw new InvalidConfigurationException(
                $"{Path.GetFileName(file)} was built for another version of what handlers share with the consumer ({e.Message}): build it with packages of the major version {Environment.Version.Major}", e);
        }
    }
}
